"""Questions about small graphs, such as the diagram of a projection, with networkx.

networkx needs some kilobytes and microseconds a node: these graphs have hundreds of nodes, and the
state spaces of the engines never become one.
"""
