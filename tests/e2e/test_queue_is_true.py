"""Pushes that are lost, doubled or late, and a connection that is cut: the queue is the database's each time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from paca_site.env import env_int
from tests.e2e.conftest import sign_in
from tests.e2e.desk_in_stack import Hand
from tests.stack import Stack

pytestmark = pytest.mark.e2e
CUT_S = env_int("PACA_TEST_CUT_S", 3, low=1, high=600)  # 30 for the long run
CATCH_UP_MS = 21_000  # what a screen waits for when no push comes; the browser's clock is put forward instead


class Line:
    """The WebSocket between a browser and the installation, in the hands of the test."""

    def __init__(self, page: Page) -> None:
        self.is_cut, self.does, self.held = False, "pass", list[str]()
        self._routes: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/alerts/", self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        if self.is_cut:
            route.close(code=1011)
            return
        server = route.connect_to_server()
        self._routes.append(route)

        def from_server(message: str | bytes) -> None:
            text = message if isinstance(message, str) else message.decode()
            if json.loads(text)["type"] != "alert.changed" or self.does == "pass":
                route.send(text)
            elif self.does == "double":
                route.send(text)
                route.send(text)
            elif self.does == "hold":
                self.held.append(text)

        server.on_message(from_server)

    def let_go_backwards(self) -> None:
        """Send what was held, the last first."""
        while self.held:
            self._routes[-1].send(self.held.pop())

    def cut(self) -> None:
        """Close, and refuse every attempt until `mend`."""
        self.is_cut = True
        for route in self._routes:
            route.close(code=1011)
        self._routes.clear()

    def mend(self) -> None:
        """Let the next attempt through."""
        self.is_cut = False


@contextmanager
def desk_on_a_line(browser: Browser, stack: Stack) -> Iterator[tuple[Page, Line]]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    line = Line(page)
    page.clock.install()
    sign_in(page, stack, "operator")
    page.goto(f"{stack.url}/alerts/")
    expect(page.get_by_text("live", exact=True).first).to_be_visible()
    yield page, line
    context.close()


def shown(page: Page) -> list[int]:
    rows = page.locator("[data-row]:not([data-gone])")
    return sorted(int(row) for row in rows.evaluate_all("rows => rows.map((row) => row.dataset.alert)"))


def in_database(stack: Stack) -> list[int]:
    asked = (
        "SELECT id FROM alerts_alert WHERE state IN ('new', 'escalated')"
        " AND (shelved_until IS NULL OR shelved_until <= now()) ORDER BY id"
    )
    return [int(row[0]) for row in stack.query(asked)]


def expect_the_truth(page: Page, stack: Stack) -> None:
    truth = in_database(stack)
    page.clock.fast_forward(CATCH_UP_MS)
    page.wait_for_function(
        "(count) => document.querySelectorAll('[data-row]:not([data-gone])').length === count", arg=len(truth)
    )
    assert shown(page) == truth


@pytest.fixture(scope="module")
def places(hand: Hand) -> list[int]:
    return list(hand.ask("cameras", count=3, metres_apart=500))


@pytest.mark.parametrize("fault", ["hold", "double"])
def test_pushes_that_are_lost_or_doubled_leave_the_queue_as_the_database(
    browser: Browser, quiet: Stack, hand: Hand, places: list[int], fault: str
) -> None:
    with desk_on_a_line(browser, quiet) as (page, line):
        line.does = fault
        first, second, _ = hand.ask("raised", cameras=places)
        hand.ask("decided", alert=first, username="supervisor")
        if fault == "double":
            expect(page.locator(f"#alert-{second}")).to_have_count(1)
        expect_the_truth(page, quiet)
        assert first not in shown(page)
        line.held.clear()  # lost for good
        expect_the_truth(page, quiet)


def test_pushes_that_come_late_and_backwards_do_not_bring_back_what_is_decided(
    browser: Browser, quiet: Stack, hand: Hand, places: list[int]
) -> None:
    with desk_on_a_line(browser, quiet) as (page, line):
        line.does = "hold"
        alert = hand.ask("raised", cameras=places[:1])[0]
        hand.ask("decided", alert=alert, username="supervisor")
        page.wait_for_timeout(300)
        assert len(line.held) >= 2  # raised, decided
        line.let_go_backwards()
        expect_the_truth(page, quiet)
        assert alert not in shown(page)


def test_what_happened_while_the_line_was_cut_is_there_when_it_is_back(
    browser: Browser, quiet: Stack, hand: Hand, places: list[int]
) -> None:
    with desk_on_a_line(browser, quiet) as (page, line):
        known = hand.ask("raised", cameras=places)
        expect(page.locator(f"#alert-{known[-1]}")).to_be_visible()
        line.cut()
        page.clock.run_for(1000)
        expect(page.get_by_text("offline since", exact=False).first).to_be_visible()
        fresh = hand.ask("raised", cameras=places)
        hand.ask("decided", alert=known[0], username="supervisor")
        page.clock.run_for(CUT_S * 1000)
        assert set(fresh).isdisjoint(shown(page))
        line.mend()
        page.clock.run_for(16_000)  # the longest pause between two attempts
        expect(page.get_by_text("live", exact=True).first).to_be_visible()
        expect_the_truth(page, quiet)
        assert set(fresh) <= set(shown(page))
        assert known[0] not in shown(page)
