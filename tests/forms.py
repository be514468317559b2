"""What a browser without scripts would send from a page: its forms, their fields, and each of their buttons."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = dict[str, str | None]


@dataclass
class Control:
    """One field or button, with what it says of itself and the text in it."""

    tag: str
    attributes: Attributes
    text: str = ""
    options: list[Attributes] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name under which it is sent; empty where it is not."""
        return self.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        """What sort of field it is."""
        return self.attributes.get("type") or {"input": "text", "button": "submit"}.get(self.tag, self.tag)

    @property
    def value(self) -> str:
        """What stands in it when the page is opened."""
        if self.tag == "textarea":
            return self.text.removeprefix("\n").replace("\n", "\r\n")
        if self.tag == "select":
            chosen = [one for one in self.options if "selected" in one] or self.options
            return (chosen[0].get("value") or "") if chosen else ""
        return self.attributes.get("value") or ("on" if self.kind in ("checkbox", "radio") else "")


@dataclass
class Form:
    """A form as the page has it."""

    attributes: Attributes
    controls: list[Control] = field(default_factory=list)

    @property
    def buttons(self) -> list[Control]:
        """What sends it; a form without a button is sent by Enter."""
        found = [one for one in self.controls if one.kind == "submit" and "disabled" not in one.attributes]
        return found or [Control("button", {})]

    def filled(self, wishes: dict[str, str]) -> list[tuple[str, str]]:
        """Names and values as a browser sends them. Empty ones get what is wished for, or words if they must."""
        sent: list[tuple[str, str]] = []
        for one in self.controls:
            if not one.name or "disabled" in one.attributes or one.kind in ("submit", "button", "file", "reset"):
                continue
            if one.kind in ("checkbox", "radio"):
                first = one.kind == "radio" and "required" in one.attributes and not self._picked(one.name, sent)
                if "checked" in one.attributes or first or wishes.get(one.name) == one.value:
                    sent = [each for each in sent if one.kind != "radio" or each[0] != one.name] + [
                        (one.name, one.value)
                    ]
                continue
            must = "Some words." if "required" in one.attributes else ""
            sent.append((one.name, one.value or wishes.get(one.name, must)))
        return sent

    def _picked(self, name: str, sent: list[tuple[str, str]]) -> bool:
        checked = any(one.name == name and "checked" in one.attributes for one in self.controls)
        return checked or any(each == name for each, _ in sent)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.elsewhere: list[tuple[str, Control]] = []
        self.open: Form | None = None
        self.control: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.open = Form(given)
            self.forms.append(self.open)
            if given.get("id"):
                self.named[given["id"] or ""] = self.open
        elif tag == "option" and self.control:
            self.control.options.append(given)
        elif tag in ("input", "textarea", "select", "button"):
            made = Control(tag, given)
            self.control = None if tag == "input" else made
            if given.get("form"):
                self.elsewhere.append((given["form"] or "", made))
            elif self.open:
                self.open.controls.append(made)

    def handle_data(self, data: str) -> None:
        if self.control:
            self.control.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif self.control and tag == self.control.tag:
            self.control = None


def forms_of(html: str) -> list[Form]:
    """Every form of a page, with what belongs to it from elsewhere on the page."""
    reader = _Reader()
    reader.feed(html)
    for name, control in reader.elsewhere:
        reader.named[name].controls.append(control)
    return [one for one in reader.forms if one.attributes.get("method") != "dialog"]
