"""What is taken elsewhere: names and addresses into the clipboard, an address into a browser."""

import os
import sys
from collections.abc import Mapping

from console.operations.connection import Connection
from console.ui import signs
from console.ui.places import PlacesScreen


def desktop_here(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would open a window of its own: elsewhere it would draw over the console."""
    return platform == "darwin" or any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))


class CopyPlacesScreen(PlacesScreen):
    """Takes what is under the cursor."""

    connection: Connection | None = None
    """The open context."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        if action == "copy":
            return self.pane.target() is not None
        if action in {"copy_url", "browse"}:
            return bool(self.pane.url())
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """`y`."""
        text = self.pane.copied()
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        what = f"{lines} lines, " if lines > 1 else ""
        self.notify(f"Copied {what}{signs.count(len(text))} characters.", markup=False)

    def action_copy_url(self) -> None:
        """`Y`."""
        url = self.pane.url()
        self.app.copy_to_clipboard(url)
        self.notify(f"Copied the address, {signs.count(len(url))} characters.", markup=False)

    def action_browse(self) -> None:
        """`B`."""
        from console.fleet.locating import web_address  # the first paint does not wait for it

        url = self.pane.url()
        if not desktop_here(os.environ, sys.platform):
            self.notify("There is no desktop here to open a browser on; Y copies the address.", markup=False)
        elif self.connection is None or not url.startswith(f"{web_address(self.connection.facts.api_url)}/"):
            self.notify("Its address is not that of this context's GitHub; it is not opened.", markup=False)
        else:
            import webbrowser  # for who wants one

            self.run_worker(lambda: webbrowser.open(url), thread=True, group="browser", exit_on_error=False)
