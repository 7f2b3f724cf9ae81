"""The colours and fonts of a picture, light and dark.

The hues are those of Okabe and Ito, "Color universal design" (2008), which readers with any kind
of colour vision can tell apart, darker for text on light paper and lighter on dark: blue for what
goes in and for values, green for what comes out, vermilion for derivatives and
the sweep backwards, purple for one forwards, orange for groups. Each
text has a contrast of 4.5 to 1 or more to what is behind it (WCAG 2.2, success criterion 1.4.3).
"""

from __future__ import annotations

LIGHT = {
    "paper": "#ffffff",
    "ink": "#1b1f24",
    "soft": "#57606a",
    "line": "#6e7781",
    "frame": "#f5f7f9",
    "frame-line": "#b6bec7",
    "input": "#e2f0fa",
    "input-line": "#0072b2",
    "constant": "#ffffff",
    "constant-line": "#8c959f",
    "operation": "#ffffff",
    "operation-line": "#57606a",
    "backward": "#fdf0e8",
    "backward-line": "#d55e00",
    "forward": "#f9edf4",
    "forward-line": "#b3588d",
    "output": "#dcf3ea",
    "output-line": "#009e73",
    "group": "#fdf2da",
    "group-line": "#c98a00",
    "value": "#00598c",
    "gradient": "#a84300",
}
DARK = {
    "paper": "#0f1318",
    "ink": "#e8edf2",
    "soft": "#a3adb8",
    "line": "#8b949e",
    "frame": "#171c23",
    "frame-line": "#3d4651",
    "input": "#0c2b41",
    "input-line": "#56b4e9",
    "constant": "#0f1318",
    "constant-line": "#6e7781",
    "operation": "#1e242c",
    "operation-line": "#8b949e",
    "backward": "#33200f",
    "backward-line": "#f0833a",
    "forward": "#331f2c",
    "forward-line": "#d78fb8",
    "output": "#0b3527",
    "output-line": "#2cc295",
    "group": "#362a0c",
    "group-line": "#e69f00",
    "value": "#7cc4f5",
    "gradient": "#ff9d66",
}
THEMES = ("auto", "light", "dark")

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LABEL, DETAIL, NUMBER, TITLE = 13.0, 11.0, 11.0, 12.0  # font sizes

_RULES = """
.cr-graph{font-family:FONT}
.cr-graph .paper{fill:@paper}
.cr-graph text{fill:@ink;font-size:LABELpx;text-anchor:middle}
.cr-graph .label{font-weight:600}
.cr-graph .detail{fill:@soft;font-size:DETAILpx}
.cr-graph .title{fill:@soft;font-size:TITLEpx;font-weight:600;text-anchor:start}
.cr-graph .value{fill:@value;font-size:NUMBERpx}
.cr-graph .gradient{fill:@gradient;font-size:NUMBERpx}
.cr-graph text.backward,.cr-graph text.forward{fill:@soft;font-size:NUMBERpx}
.cr-graph .tag{fill:@soft;font-size:NUMBERpx;font-style:italic}
.cr-graph .beside{text-anchor:start}
.cr-graph .frame{fill:@frame;stroke:@frame-line}
.cr-graph .input .box{fill:@input;stroke:@input-line}
.cr-graph .constant .box{fill:@constant;stroke:@constant-line;stroke-dasharray:3 2}
.cr-graph .operation .box{fill:@operation;stroke:@operation-line}
.cr-graph .operation.backward .box{fill:@backward;stroke:@backward-line}
.cr-graph .operation.forward .box{fill:@forward;stroke:@forward-line}
.cr-graph .output .box{fill:@output;stroke:@output-line}
.cr-graph .group .box{fill:@group;stroke:@group-line}
.cr-graph .group.backward .box{stroke:@backward-line}
.cr-graph .group.forward .box{stroke:@forward-line}
.cr-graph .box{stroke-width:1.3}
.cr-graph .line{fill:none;stroke:@line;stroke-linecap:round}
.cr-graph .none{stroke-dasharray:2 4}
.cr-graph .head{fill:@line}
.cr-graph .edge:hover .line{stroke:@gradient}
.cr-graph .edge:hover .head{fill:@gradient}
"""


def style(theme: str) -> str:
    """The style sheet of a picture: one theme's colours, or ("auto") the reader's choice.

    A fixed theme has the colours in its rules, for programs that know no variables of CSS.
    """
    rules = _RULES.strip().replace("FONT", FONT)
    for name, size in (("LABEL", LABEL), ("DETAIL", DETAIL), ("NUMBER", NUMBER), ("TITLE", TITLE)):
        rules = rules.replace(name, f"{size:g}")
    colours = DARK if theme == "dark" else LIGHT
    for name in sorted(colours, key=len, reverse=True):  # "frame-line" before "frame"
        rules = rules.replace(f"@{name}", f"var(--{name})" if theme == "auto" else colours[name])
    if theme != "auto":
        return rules.replace(".cr-graph", f".cr-{theme}")
    light, dark = ("".join(f"--{k}:{v};" for k, v in each.items()) for each in (LIGHT, DARK))
    return (
        f".cr-auto{{color-scheme:light dark;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{.cr-auto{{{dark}}}}}\n"
        f"{rules.replace('.cr-graph', '.cr-auto')}"
    )
