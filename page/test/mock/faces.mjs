// Drawn faces and frames: nobody's.
import { random } from "./random.mjs";

const skins = ["#f3d3b8", "#e8b98f", "#c98f62", "#9b6a44", "#6f4a30", "#f6dcc7"];
const hairs = ["#2b211c", "#5a3a22", "#a3703a", "#d9b36a", "#8d8d8d", "#7a2f1d"];
const grounds = ["#c9d8d5", "#d8d2c4", "#c6cfdb", "#d9c9c9", "#cfd8c2", "#bfc7c9"];
const clothes = ["#35524a", "#7d3c3c", "#3b4a6b", "#6b5b2e", "#513b62", "#2f5d62"];

// The same `who` is the same person; `view` turns and lights them a little differently.
export function drawnFace(who, view = 0, size = 160) {
  const own = random(who * 7919 + 13);
  const pick = (list) => list[Math.floor(own() * list.length)];
  const [skin, hair, cloth] = [pick(skins), pick(hairs), pick(clothes)];
  const width = 25 + own() * 5;
  const long = own() > 0.5;
  const fringe = 24 + own() * 10;
  const glasses = own() > 0.75;
  const beard = !long && own() > 0.6;
  const seen = random(who * 31 + view * 1009 + 7);
  const ground = grounds[Math.floor(seen() * grounds.length)];
  const turn = (seen() - 0.5) * 8;
  const mouth = 2 + seen() * 5;
  const eyes = `<g fill="#1d2524"><circle cx="${40 + turn}" cy="49" r="2.6"/><circle cx="${60 + turn}" cy="49" r="2.6"/></g>`;
  const frames = `<g fill="none" stroke="#222" stroke-width="1.6"><circle cx="${40 + turn}" cy="49" r="7"/><circle cx="${60 + turn}" cy="49" r="7"/><path d="M${47 + turn} 49h6"/></g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100"><rect width="100" height="100" fill="${ground}"/>${inner()}</svg>`;

  function inner() {
    return (
      `<path d="M12 104c2-24 18-30 38-30s36 6 38 30z" fill="${cloth}"/>` +
      (long ? `<path d="M${48 - width} 46c-4 34 2 40 6 42h${2 * width - 8}c4-4 8-14 4-42z" fill="${hair}"/>` : "") +
      `<rect x="42" y="62" width="16" height="18" rx="7" fill="${skin}"/>` +
      `<ellipse cx="50" cy="48" rx="${width}" ry="30" fill="${skin}"/>` +
      (beard
        ? `<path d="M${50.5 - width} 52A${width - 0.5} 27 0 0 0 ${49.5 + width} 52Q50 74 ${50.5 - width} 52z" fill="${hair}"/>`
        : "") +
      `<path d="M${50 - width} 44C${50 - width} 8 ${50 + width} 8 ${50 + width} 44 ${50 + width * 0.7} ${fringe} ${50 - width * 0.5} ${fringe} ${50 - width} 44z" fill="${hair}"/>` +
      eyes +
      (glasses ? frames : "") +
      `<path d="M${50 + turn} 52l-2 8h4" fill="none" stroke="#0003" stroke-width="1.6"/>` +
      `<path d="M${42 + turn} 67q${8} ${mouth} 16 0" fill="none" stroke="#8c3b3b" stroke-width="2.2" stroke-linecap="round"/>`
    );
  }
}

// A place with these people in it.
export function drawnFrame(people, width = 640, height = 360) {
  const step = width / (people.length + 1);
  const bodies = people
    .map((who, index) => {
      const face = drawnFace(who, 3)
        .replace(/^<svg[^>]*>/, "")
        .replace(/<rect width="100"[^>]*>/, "")
        .replace("</svg>", "");
      return `<g transform="translate(${step * (index + 1) - 75} ${height - 150}) scale(1.5)">${face}</g>`;
    })
    .join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="${width}" height="${height}" fill="#b9c4c1"/><path d="M0 ${height * 0.62}h${width}v${height}H0z" fill="#8d9a96"/><rect x="${width * 0.4}" y="60" width="${width * 0.2}" height="${height * 0.5}" fill="#6d7976"/><circle cx="${width * 0.57}" cy="${height * 0.42}" r="4" fill="#d8d2c4"/>${bodies}</svg>`;
}
