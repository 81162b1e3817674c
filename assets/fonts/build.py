#!/usr/bin/env python3
"""Makes the fonts of the window from the published ones. Needs fonttools and brotli.

    build.py INTER_DIR JETBRAINS_MONO_DIR LUCIDE_DIR     (the unpacked packages inter-ui, jetbrains-mono and lucide-static)

Inter: tabular figures become the plain ones, because egui cannot ask for the `tnum` feature and live numbers would jump. Its contextual
alternates go, because they draw `->` as an arrow. JetBrains Mono: the build without ligatures, for the same reason. Lucide: the icons
that src/ui/icons.rs names, and those in MORE_ICONS, so that a new page takes one of them without a new font.
"""
import json
import pathlib
import re
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
ICONS = HERE.parent.parent / "src/ui/icons.rs"
MORE_ICONS = [
    "ruler", "shield-alert", "plus", "pause", "play", "layers", "link", "unlink", "cpu", "globe", "printer", "external-link",
    "octagon-alert", "chevron-up",
]
TEXT = [
    *range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C), *range(0x2C6, 0x2DE), *range(0x300, 0x32A),
    *range(0x370, 0x400), *range(0x400, 0x500), *range(0x1E80, 0x1E86), 0x1E9E, *range(0x2000, 0x200B),
    *range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x202F, 0x20AC, 0x2116, 0x2122, *range(0x2190, 0x2194),
    0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CF, 0xFFFD,
]


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
    named = {chr(code): name for name, code in points.items()}
    wanted = [int(code, 16) for code in re.findall(r"\\u\{([0-9a-f]{4})\}", ICONS.read_text())]
    assert all(chr(code) in named for code in wanted), "an icon is not in this version of Lucide"
    wanted += [ord(char) for char, name in named.items() if name in MORE_ICONS]
    make(lucide / "font/lucide.ttf", "Lucide-subset.ttf", wanted, [])


main()
