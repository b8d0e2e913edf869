"""How a log lies on the screen: its lines, and what is known of the line under the cursor below or beside them."""

BESIDE_FROM = 130
"""Columns from which on it stands beside the lines."""

LAYOUT = """
LogPanel {
    height: 1fr;
    width: 1fr;
    background: $surface;
    .log-body { height: 1fr; layout: vertical; }
    .log-explanation {
        height: auto;
        max-height: 40%;
        padding: 0 1;
        border-top: solid $border-blurred;
        scrollbar-size-vertical: 1;
    }
    &.-marked .log-explanation { height: 40%; max-height: 11; }
    &:focus-within .pane-title { background: $panel; }
    &:focus-within .log-explanation { border-top: solid $border; }
    &.-beside .log-body { layout: horizontal; }
    &.-beside LogView { width: 1fr; height: 100%; }
    &.-beside .log-explanation {
        width: 44;
        height: 100%;
        max-height: 100%;
        border-top: none;
        border-left: solid $border-blurred;
    }
    &.-alone .log-body { layout: vertical; }
    &.-alone LogView { width: 100%; height: 1; }
    &.-alone .log-explanation { width: 100%; height: 1fr; max-height: 100%; border: none; }
}
"""
