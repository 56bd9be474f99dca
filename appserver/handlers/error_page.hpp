// SPDX-License-Identifier: Apache-2.0
// The built-in pages for answers that the server makes itself, and the reason phrases.
// Source: wsgi-hosting 1.13 (`ErrorDocument default`).
#pragma once

#include <string>
#include <string_view>

namespace appserver::handlers {

inline constexpr std::string_view kErrorPageType = "text/html; charset=iso-8859-1";

/// "Not Found"; "Unknown" for a status that has no registered phrase.
std::string_view reason_phrase(int status) noexcept;

/// Appends `text` so that no byte of it is markup.
void append_html_escaped(std::string& out, std::string_view text);

/// A whole page: title, heading, one sentence about `status`.
std::string error_page(int status);
/// A page for a redirect: a link to `location`, which is escaped here.
std::string redirect_page(int status, std::string_view location);

}  // namespace appserver::handlers
