// The order of the queue: incidents by their most urgent, then newest alert; within one, most urgent, then newest.
const keyOf = (row) => row.dataset.incident || `-${row.dataset.alert}`;
const urgency = (row) => [Number(row.dataset.severity), Date.parse(row.dataset.raised)];

function compare(left, right) {
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return right[at] - left[at];
  return 0;
}

function groupsOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    const [severity, raised] = urgency(row);
    const group = groups.get(keyOf(row)) ?? { severity: 0, raised: 0, rows: [] };
    group.severity = Math.max(group.severity, severity);
    group.raised = Math.max(group.raised, raised);
    group.rows.push(row);
    groups.set(keyOf(row), group);
  }
  return groups;
}

// Moves only the rows that stand in the wrong place, and says of each whether it leads or follows in its incident.
export function arrange(queue, rows) {
  const groups = groupsOf(rows);
  const rank = (row) => {
    const group = groups.get(keyOf(row));
    return [group.severity, group.raised, Number(keyOf(row)), ...urgency(row), Number(row.dataset.alert)];
  };
  const ranks = new Map(rows.map((row) => [row, rank(row)]));
  const wanted = [...rows].sort((a, b) => compare(ranks.get(a), ranks.get(b)));
  let place = queue.querySelector("[data-row]");
  for (const row of wanted) {
    if (row === place) place = place.nextElementSibling;
    else queue.insertBefore(row, place);
  }
  for (const { rows: members } of groups.values()) {
    const inOrder = members.length > 1 ? wanted.filter((row) => members.includes(row)) : members;
    inOrder.forEach((row, index) => {
      row.toggleAttribute("data-follower", index > 0);
      row.toggleAttribute("data-group", index === 0 && members.length > 1);
      const count = row.querySelector("[data-group-count]");
      if (count) count.textContent = index === 0 ? members.length : 0;
    });
  }
}
