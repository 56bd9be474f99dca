// SPDX-License-Identifier: Apache-2.0
// Only the browser knows which protocol it spoke: the proxy hands requests on as HTTP/1.1.
const [entry] = performance.getEntriesByType("navigation");
const names = { h2: "HTTP/2", "http/1.1": "HTTP/1.1", h3: "HTTP/3" };
const badge = document.getElementById("protocol");
if (entry && badge) {
  const secure = location.protocol === "https:" ? "HTTPS" : "HTTP";
  badge.textContent = `${secure} · ${names[entry.nextHopProtocol] ?? entry.nextHopProtocol}`;
}
