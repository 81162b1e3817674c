#!/usr/bin/env python3
"""Makes the fonts of the window from the published ones. Needs fonttools and brotli.

    build.py INTER_DIR JETBRAINS_MONO_DIR LUCIDE_DIR     (the unpacked packages inter-ui, jetbrains-mono and lucide-static)

Inter: tabular figures become the plain ones, because egui cannot ask for the `tnum` feature and live numbers would jump. Its contextual
alternates go, because they draw `->` as an arrow. JetBrains Mono: the build without ligatures, for the same reason. Lucide: the icons listed
below; src/ui/icons.rs names those that the window uses, by the code points that this prints.
"""
import json
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
TEXT = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), *range(0x2C6, 0x2DE), *range(0x300, 0x32A),
    *range(0x370, 0x400), *range(0x400, 0x500), *range(0x1E80, 0x1E86), 0x1E9E, *range(0x2000, 0x200B),
    *range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x202F, 0x20AC, 0x2116, 0x2122, *range(0x2190, 0x2194),
    0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CF, 0xFFFD,
]
ICONS = """
    a-large-small app-window arrow-down arrow-left arrow-left-right arrow-right arrow-up arrow-up-down ban box check
    chevron-down chevron-left chevron-right chevron-up circle-check circle-dot circle-question-mark circle-x clock cog copy cpu
    crosshair download ethernet-port external-link eye eye-off file-down file-text file-up filter flag folder-open gauge globe
    graduation-cap history hourglass house info keyboard layers link list list-filter loader-circle lock map map-pin minus
    octagon-alert pause pencil play plug plus power printer rotate-cw ruler save search server settings shield shield-alert
    shield-check table terminal trash-2 triangle-alert undo-2 unlink unplug upload user x zoom-in zoom-out
""".split()


def freeze_tabular_figures(font):
    """Points the characters of every figure to its `tnum` glyph."""
    gsub = font["GSUB"].table
    lookups = {i for f in gsub.FeatureList.FeatureRecord if f.FeatureTag == "tnum" for i in f.Feature.LookupListIndex}
    tabular = {}
    for index in lookups:
        for table in gsub.LookupList.Lookup[index].SubTable:
            table = getattr(table, "ExtSubTable", table)
            tabular.update(getattr(table, "mapping", {}))
    for table in font["cmap"].tables:
        for code, glyph in table.cmap.items():
            table.cmap[code] = tabular.get(glyph, glyph) if chr(code).isdecimal() else glyph


def make(source, target, unicodes, features, tabular=False):
    font = TTFont(source)
    if tabular:
        freeze_tabular_figures(font)
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["STAT", "DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=unicodes)
    subsetter.subset(font)
    # Lucide says that every glyph begins at its left edge; a reader that believes it would draw each a little too far left.
    for name, (advance, _) in font["hmtx"].metrics.items():
        glyph = font["glyf"][name]
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))
    font.flavor = None
    font.save(HERE / target)
    print(target, (HERE / target).stat().st_size, len(font.getBestCmap()))


def main():
    inter, mono, lucide = (pathlib.Path(p) for p in sys.argv[1:4])
    for weight in ["Regular", "Medium", "SemiBold"]:
        make(inter / f"web/Inter-{weight}.woff2", f"Inter-{weight}.ttf", TEXT, ["kern", "mark", "mkmk", "ccmp"], tabular=True)
    make(mono / "fonts/webfonts/JetBrainsMonoNL-Regular.woff2", "JetBrainsMonoNL-Regular.ttf", TEXT, ["mark", "mkmk", "ccmp"])
    points = json.loads((lucide / "font/codepoints.json").read_text())
    make(lucide / "font/lucide.ttf", "Lucide-subset.ttf", [points[name] for name in ICONS], [])
    for name in ICONS:
        print(f"{name} = '\\u{{{points[name]:x}}}',")


main()
