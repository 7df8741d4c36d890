"""Who needs each other in a circle."""


def circles(uses: dict[str, set[str]]) -> list[list[str]]:
    """The sets of more than one that can all reach each other (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    found: list[list[str]] = []

    def visit(node: str):
        number[node] = low[node] = len(number)
        path.append(node)
        for other in sorted(uses.get(node, ())):
            if other not in number:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in path:
                low[node] = min(low[node], number[other])
        if low[node] == number[node]:
            start = path.index(node)
            members = path[start:]
            del path[start:]
            if len(members) > 1:
                found.append(sorted(members))

    for node in sorted(uses):
        if node not in number:
            visit(node)
    return sorted(found)
