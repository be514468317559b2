"""Browser profiles that serve one visitor after another: a new one costs more than what most visitors do in it."""

from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser

from tests.chromium import PATIENCE

STORES = "local_storage,indexeddb,cache_storage,service_workers,file_systems"


class Profile:
    """A profile for one address. A tab of a picture keeps its process alive when the tabs of a visitor are closed."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.context = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(PATIENCE)
        self._address = address
        self._keeper = self.context.new_page()
        self._keeper.goto("/static/icon.svg")
        self._line = self.context.new_cdp_session(self._keeper)

    def empty(self) -> None:
        """Forget the visitor. Only what the site lets browsers keep for ever stays: its scripts, styles and fonts."""
        for page in self.context.pages:
            if page is not self._keeper:
                page.close()
        self.context.set_offline(False)
        self.context.clear_permissions()
        self.context.clear_cookies()
        self._line.send("Storage.clearDataForOrigin", {"origin": self._address, "storageTypes": STORES})


class Profiles:
    """The profiles of one Chromium for one address: each is taken by one visitor at a time, and emptied afterwards."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self._free: defaultdict[str, list[Profile]] = defaultdict(list)

    def take(self, **options: Any) -> Profile:
        """A profile in which nobody was, as far as a page can tell; `options` as of playwright's `new_context`."""
        free = self._free[repr(options)]
        return free.pop() if free else Profile(self._browser, self._address, **options)

    def give_back(self, profile: Profile, **options: Any) -> None:
        """Empty it for the next visitor."""
        profile.empty()
        self._free[repr(options)].append(profile)
