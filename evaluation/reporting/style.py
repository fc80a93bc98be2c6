"""How the report looks: one stylesheet, light and dark, from 360 pixels up."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b6670; --page: #fcfcfd; --card: #fff;
  --line: #dde1e6; --relevant: #0b7a4b; --others: #c4501b; --mark: #2f5fd0; --on-mark: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a3acb5; --page: #14171a;
  --card: #1c2024; --line: #343b42; --relevant: #46c98b; --others: #f08a54; --mark: #8fb0ff;
  --on-mark: #10141c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .35rem 0; max-width: 65ch; }
.soft, caption, figcaption, svg text { color: var(--soft); fill: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right;
  white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0; }
.name { text-align: left; }
td small { color: var(--soft); }
.plots { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
.plots > figure { max-width: 26rem; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; }
svg .axis, svg .grid { stroke: var(--line); }
svg .whisker { stroke: var(--mark); stroke-width: 2; }
svg circle { fill: var(--mark); }
svg .mark { fill: var(--on-mark); font-weight: 600; }
svg .relevant { fill: var(--relevant); fill-opacity: .55; stroke: var(--relevant); }
svg .others { fill: var(--others); fill-opacity: .35; stroke: var(--others); }
.key { font-weight: 600; } .key.relevant { color: var(--relevant); }
.key.others { color: var(--others); }
.failure { display: flex; flex-wrap: wrap; gap: .5rem; align-items: flex-start; padding: .75rem 0;
  border-bottom: 1px solid var(--line); }
.failure figure { width: min(6.5rem, calc((100% - 1rem) / 3)); }
.failure img, .failure .gone { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
  background: #fff; border: 2px solid var(--line); border-radius: 6px; }
.failure .query img { border-color: var(--mark); }
.failure .right img { border-color: var(--relevant); }
.failure .gone { background: none; border-style: dashed; padding: .5rem; font-size: .75rem; }
figcaption { font-size: .75rem; line-height: 1.3; overflow-wrap: anywhere; }
figcaption b { color: var(--ink); }
li { overflow-wrap: anywhere; }
"""
