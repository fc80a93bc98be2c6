"""Sections as a page of Markdown."""

from collections.abc import Iterator, Sequence

from evaluation.quality.section import Section, Table

_PREFACE = """# Quality

How well pictures find what they should, measured on real photographs. Made by one command; the
commands above the tables, typed in the folder of the photographs, give the same figures one by one.

```console
$ {command}
```

| photographs | what | from |
| --- | --- | --- |
| `luma` | studio: 95 styles of sportswear, bags, watches; several colours and sides | {luma} |
| `grocery` | by hand, in shops: 60 products; fruit, vegetables and packages | {grocery} |
| `clothing` | at home, on floors and hangers: 20 kinds of garments | {clothing} |

They are not part of the repository. The networks were trained on ImageNet; nothing has been trained
on these pictures; what training adds is in [training-quality.md](training-quality.md), and the
model that is part of the program in [model.md](model.md). Measures are defined in
[evaluation.md](evaluation.md); all are in percent, and intervals hold 95 %.

What to heed:

- **Groceries are asked from one split to the other**, val to train. Within a split most products
  were photographed several times from the same place: leaving one out, almost anything is above
  90 % there, which says nothing.
- **The colours of a style are often one photograph, recoloured.** Shape and texture then agree to
  the pixel, which flatters whatever compares outlines. Asked for the same product among *all*
  pictures, networks find the same style in another colour in the same pose first. So the same
  product is asked from other sides to the main view.
- **No style has pictures in both halves where weights are chosen**, and no product anywhere.
- **Intervals draw products or styles, not pictures**: the pictures of one succeed and fail
  together.
"""

_SOURCES = {
    "luma": "magento2-sample-data (OSL-3.0, AFL-3.0)",
    "grocery": "GroceryStoreDataset (MIT)",
    "clothing": "clothing-dataset (CC0)",
}


def page(sections: Sequence[Section], *, command: str) -> str:
    """The whole page, ending in a newline."""
    preface = _PREFACE.format(command=command, **_SOURCES).rstrip()
    return "\n\n".join([preface, *body(sections)]) + "\n"


def body(sections: Sequence[Section]) -> Iterator[str]:
    """The paragraphs of sections, tables and all."""
    for section in sections:
        yield f"## {section.title}"
        yield section.text
        for table in section.tables:
            yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.title}"
    yield "\n".join(["```console", *(f"$ {line}" for line in table.command.splitlines()), "```"])
    yield "\n".join(
        [
            _row(table.columns),
            _row(["---"] * len(table.columns)),
            *(_row(row) for row in table.rows),
        ]
    )
    if table.notes:
        yield "\n".join(table.notes)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('|', chr(92) + '|') for each in cells)} |"
