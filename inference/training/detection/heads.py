"""What each head of the detector may look at: measurements of which more is more unusual, and their context."""

HEADS = ("agitation", "dispersal", "fall")

HEAD_FEATURES: dict[str, tuple[str, ...]] = {
    "agitation": (
        "limb_mean",
        "limb_high",
        "limb_top",
        "limb_second",
        "limb_in_place",
        "limb_share",
        "limb_crowded",
        "change_rate",
        "change_top",
        "reshape_top",
        "reshape_second",
        "reshape_in_place",
        "jerk",
        "direction_spread",
        "pair_energy",
        "shape_change",
        "churn_top",
        "churn_in_place",
        "closing",
        "limb_rise",
        "motion_rise",
    ),
    "dispersal": (
        "motion_mean",
        "motion_high",
        "speed_top",
        "speed_high",
        "fast_share",
        "fast_people",
        "outward",
        "parting",
        "heading_spread",
        "motion_rise",
        "speed_rise",
    ),
    "fall": ("lying", "down_s", "height_drop"),
}

HEAD_CONTEXT: dict[str, tuple[str, ...]] = {
    "agitation": ("people", "density", "speed_high", "motion_mean"),
    "dispersal": (),
    "fall": (),
}
"""What a head may hold against its inputs, with either sign: the most agitated of forty people is more agitated
than the most agitated of three, and where everybody walks fast, limbs move more."""


def inputs_of(head: str, names: tuple[str, ...]) -> list[int]:
    """Give the positions of a head's inputs among pooled `names` such as `limb_top.peak`."""
    return [index for index, name in enumerate(names) if name.rpartition(".")[0] in HEAD_FEATURES[head]]


def context_of(head: str, names: tuple[str, ...]) -> list[int]:
    """Give the positions of a head's context: means over the window only."""
    wanted = {f"{name}.mean" for name in HEAD_CONTEXT[head]}
    return [index for index, name in enumerate(names) if name in wanted]
