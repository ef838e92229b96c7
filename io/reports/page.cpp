#include "io/reports/page.h"

#include "io/reports/text.h"

namespace io::html {

namespace {

// The colours of the window, for both grounds. Heat h0 … h8 is monotone in lightness, so that it reads in
// grey too.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ground:#fff;--window:#f3f4f6;--text:#1c2430;--muted:#667080;--line:#dde1e7;--accent:#2563c9;
--fp32:#5f7389;--codes:#d95f02;--iso:#0072b2;--clip:#c2255c22;--bad:#b42318;--good:#14804a;
--s0:#0072b2;--s1:#009e73;--s2:#b87a00;--s3:#b5478b;--s4:#8a7d00;--s5:#c8451b;--s6:#6a51a3;--s7:#5c6670;
--h0:#fdfaf0;--h1:#fdefd0;--h2:#fde0a4;--h3:#fdcd7c;--h4:#fab15a;--h5:#f58b36;--h6:#dd5f1d;--h7:#bb3a0e;--h8:#8a1c0b}
@media(prefers-color-scheme:dark){:root{--ground:#171a1f;--window:#1f2329;--text:#dfe3ea;--muted:#98a1af;--line:#343b45;--accent:#74a9ff;
--fp32:#8fa3bd;--codes:#ffa34d;--iso:#56b4e9;--clip:#e0567a33;--bad:#ff8a7a;--good:#5fd39a;
--s0:#56b4e9;--s1:#2fcf9f;--s2:#e69f00;--s3:#e78ac3;--s4:#f0e442;--s5:#ff7f5c;--s6:#b39ddb;--s7:#9aa5b1;
--h0:#1e2027;--h1:#35232b;--h2:#4c252e;--h3:#662a2d;--h4:#7d2f2b;--h5:#a64226;--h6:#d1661f;--h7:#f0932b;--h8:#fde48a}}
*{box-sizing:border-box}
body{margin:0;background:var(--window);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:36px 0 6px}
h3{font-size:16px;margin:0 0 2px}
p{margin:4px 0 10px;max-width:78ch}
a{color:var(--accent)}
.sub,.note{color:var(--muted)}
.note{font-size:13px}
nav{margin-top:10px;font-size:14px}
nav a{margin-right:14px;white-space:nowrap}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:20px 0 8px}
.card,.panel{background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.card b{display:block;font-size:24px;line-height:1.25;overflow-wrap:anywhere}
.card b.name{font-size:17px;line-height:1.5}
.card span{color:var(--muted);font-size:13px;display:block}
.bad{color:var(--bad)}
.good{color:var(--good)}
.panel{margin:10px 0;overflow-x:auto}
.pair{display:grid;gap:18px;align-items:start}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{padding:4px 9px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--muted);font-weight:600;position:sticky;top:0;background:var(--ground)}
th button{all:unset;cursor:pointer;font:inherit}
th button:hover,th button:focus-visible{color:var(--accent);text-decoration:underline}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
.wrap{white-space:normal;min-width:24em}
.pair{grid-template-columns:minmax(0,5fr) minmax(0,6fr)}
.pair td,.pair th{padding:3px 6px}
@media(max-width:860px){.pair{grid-template-columns:1fr}}
.n,th.n{text-align:right}
tbody tr:last-child td{border-bottom:0}
tr.inuse td{font-weight:700}
.heat{min-width:74px}
.h0{background:var(--h0)}.h1{background:var(--h1)}.h2{background:var(--h2)}.h3{background:var(--h3)}.h4{background:var(--h4)}
.h5{background:var(--h5)}.h6{background:var(--h6)}.h7{background:var(--h7)}.h8{background:var(--h8)}
.h0,.h1,.h2,.h3,.h4,.h5{color:#10151c}.h6,.h7,.h8{color:#fff}
@media(prefers-color-scheme:dark){.h0,.h1,.h2,.h3,.h4,.h5{color:#eef1f6}.h6,.h7,.h8{color:#10151c}}
.scroll{max-height:640px;overflow:auto}
.key{display:inline-block;width:16px;height:3px;vertical-align:middle;margin-right:7px}
.plot{width:100%;height:auto;display:block}
.plot text{font-size:11.5px;fill:var(--muted)}
.plot .grid{stroke:var(--line)}
.plot .axis{stroke:var(--muted)}
.isolated path,.accumulated path{fill:none;stroke-width:1.8}
.isolated path{stroke:var(--iso);stroke-dasharray:3 3}
.isolated circle{fill:var(--iso)}
.accumulated path{stroke:var(--codes)}
.accumulated circle{fill:var(--codes)}
.fp32{fill:var(--fp32);fill-opacity:.28;stroke:var(--fp32)}
.codes{fill:none;stroke:var(--codes);stroke-width:1.2}
.clipped{fill:var(--clip)}
.inuse{stroke:var(--text);stroke-width:2.5}
.method{stroke-dasharray:5 3;stroke-width:1.4}
.s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}
.s4{stroke:var(--s4)}.s5{stroke:var(--s5)}.s6{stroke:var(--s6)}.s7{stroke:var(--s7)}
.bar.s0{fill:var(--s0)}.bar.s1{fill:var(--s1)}.bar.s2{fill:var(--s2)}.whisker{stroke:var(--text);stroke-width:1.6}.key.bar{height:11px}
.key.s0{background:var(--s0)}.key.s1{background:var(--s1)}.key.s2{background:var(--s2)}.key.s3{background:var(--s3)}
.key.s4{background:var(--s4)}.key.s5{background:var(--s5)}.key.s6{background:var(--s6)}.key.s7{background:var(--s7)}
pre{overflow:auto;font:12.5px/1.45 ui-monospace,"DejaVu Sans Mono",monospace;margin:0;max-height:420px}
input[type=search]{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:6px;padding:4px 9px;width:280px;max-width:100%;margin-bottom:8px}
dt{font-weight:600}dd{margin:0 0 8px}
@media print{body{background:#fff}.scroll,pre{max-height:none}nav,input{display:none}}
)css";

// Sorting by the raw number of a cell, cells without one last either way; the filter hides rows.
constexpr std::string_view kScript = R"js(
for (const table of document.querySelectorAll('table.sort')) {
  table.querySelectorAll('th').forEach((head, column) => {
    const button = document.createElement('button');
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      table.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = row => {
        const cell = row.cells[column];
        return cell.classList.contains('n') ? (cell.dataset.v === undefined ? null : Number(cell.dataset.v)) : cell.textContent;
      };
      const order = (a, b) => {
        const x = key(a), y = key(b);
        if (x === null || y === null) return (x === null) - (y === null);
        const by = typeof x === 'number' ? x - y : x.localeCompare(y, undefined, {numeric: true});
        return down ? -by : by;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    };
  });
}
for (const field of document.querySelectorAll('input[type=search]')) {
  field.oninput = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    for (const row of document.getElementById(field.dataset.of).tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
    }
  };
}
)js";

} // namespace

std::string page(std::string_view title, std::string_view content)
{
    std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
    html += escaped(title);
    html += "</title>\n<style>";
    html += kStyle;
    html += "</style>\n</head>\n<body>\n<main>\n";
    html += content;
    html += "</main>\n<script>";
    html += kScript;
    html += "</script>\n</body>\n</html>\n";
    return html;
}

} // namespace io::html
