/**
 * Strongly connected components of a directed graph: the cycles in it. Tarjan's algorithm without
 * recursion, linear in nodes and edges. Pure.
 */

/** Every component of two nodes or more, each sorted, the largest first. */
export function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const state = new Map<string, { index: number; low: number; isOpen: boolean }>();
  const open: string[] = [];
  const found: string[][] = [];

  function enter(node: string) {
    const entered = { index: state.size, low: state.size, isOpen: true };
    state.set(node, entered);
    open.push(node);
    return { node, entered, next: 0 };
  }

  function close(node: string): void {
    const component: string[] = [];
    for (;;) {
      const member = open.pop();
      if (member === undefined) break;
      const left = state.get(member);
      if (left !== undefined) left.isOpen = false;
      component.push(member);
      if (member === node) break;
    }
    if (component.length > 1) found.push(component.sort());
  }

  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    const path = [enter(start)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = edges.get(top.node)?.[top.next];
      top.next += 1;
      if (target === undefined) {
        path.pop();
        const parent = path.at(-1);
        if (parent !== undefined) {
          parent.entered.low = Math.min(parent.entered.low, top.entered.low);
        }
        if (top.entered.low === top.entered.index) close(top.node);
        continue;
      }
      const known = state.get(target);
      if (known === undefined) path.push(enter(target));
      else if (known.isOpen) top.entered.low = Math.min(top.entered.low, known.index);
    }
  }
  return found.sort((one, other) =>
    other.length - one.length || ((one[0] ?? "") < (other[0] ?? "") ? -1 : 1)
  );
}
