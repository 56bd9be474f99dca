// SPDX-License-Identifier: Apache-2.0
#include "appserver/handlers/error_page.hpp"

namespace appserver::handlers {

namespace {

struct Row {
  int status;
  std::string_view phrase;
  std::string_view sentence;  // for people; empty: the phrase says it
};

// clang-format off
constexpr Row kRows[] = {
    {100, "Continue", ""},
    {101, "Switching Protocols", ""},
    {102, "Processing", ""},
    {103, "Early Hints", ""},
    {200, "OK", ""},
    {201, "Created", ""},
    {202, "Accepted", ""},
    {203, "Non-Authoritative Information", ""},
    {204, "No Content", ""},
    {205, "Reset Content", ""},
    {206, "Partial Content", ""},
    {207, "Multi-Status", ""},
    {208, "Already Reported", ""},
    {226, "IM Used", ""},
    {300, "Multiple Choices", ""},
    {301, "Moved Permanently", "The document is at another address"},
    {302, "Found", "The document is at another address for now"},
    {303, "See Other", "The answer is found at another address"},
    {304, "Not Modified", ""},
    {305, "Use Proxy", ""},
    {307, "Temporary Redirect", "The document is at another address for now"},
    {308, "Permanent Redirect", "The document is at another address"},
    {400, "Bad Request", "This server could not understand what the browser sent."},
    {401, "Unauthorized", "This page asks for a name and a password, and those given were not accepted."},
    {402, "Payment Required", ""},
    {403, "Forbidden", "Access to this page is not permitted."},
    {404, "Not Found", "There is no such page on this server."},
    {405, "Method Not Allowed", "The request's method cannot be used with this address."},
    {406, "Not Acceptable", "No form of this page suits what the browser accepts."},
    {407, "Proxy Authentication Required", ""},
    {408, "Request Timeout", "The request did not arrive whole in the time allowed."},
    {409, "Conflict", ""},
    {410, "Gone", "This page was removed, and has no new address."},
    {411, "Length Required", "A request with a body must say how long it is here."},
    {412, "Precondition Failed", "A condition that the request made does not hold."},
    {413, "Request Entity Too Large", "The request's body is larger than this address allows."},
    {414, "Request-URI Too Long", "The address asked for is longer than this server allows."},
    {415, "Unsupported Media Type", "The request's body has a form that is not supported here."},
    {416, "Requested Range Not Satisfiable", "The document has no such part."},
    {417, "Expectation Failed", "The request expects something that this server does not offer."},
    {418, "I'm a teapot", ""},
    {421, "Misdirected Request", "This connection does not serve the host that the request names."},
    {422, "Unprocessable Entity", ""},
    {423, "Locked", ""},
    {424, "Failed Dependency", ""},
    {425, "Too Early", ""},
    {426, "Upgrade Required", ""},
    {428, "Precondition Required", ""},
    {429, "Too Many Requests", ""},
    {431, "Request Header Fields Too Large", "A field of the request is longer than this server allows."},
    {451, "Unavailable For Legal Reasons", ""},
    {500, "Internal Server Error", "The server met an error and could not finish the request. Its log has the cause."},
    {501, "Not Implemented", "The request's method is not known to this server."},
    {502, "Bad Gateway", "The application's process ended or gave no valid answer."},
    {503, "Service Unavailable", "The server cannot take this request now. Please try again later."},
    {504, "Gateway Timeout", "The application did not answer in time."},
    {505, "HTTP Version Not Supported", "The request's HTTP version is not offered here."},
    {506, "Variant Also Negotiates", ""},
    {507, "Insufficient Storage", ""},
    {508, "Loop Detected", ""},
    {510, "Not Extended", ""},
    {511, "Network Authentication Required", ""},
};
// clang-format on

const Row* row_of(int status) noexcept {
  for (const Row& row : kRows)
    if (row.status == status) return &row;
  return nullptr;
}

std::string page(int status, std::string_view body) {
  const std::string_view phrase = reason_phrase(status);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head>\n<meta charset=\"iso-8859-1\">\n<title>";
  out += std::to_string(status);
  out += ' ';
  out += phrase;
  out += "</title>\n</head><body>\n<h1>";
  out += phrase;
  out += "</h1>\n<p>";
  out += body;
  out += "</p>\n</body></html>\n";
  return out;
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  const Row* row = row_of(status);
  return row == nullptr ? "Unknown" : row->phrase;
}

void append_html_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

std::string error_page(int status) {
  const Row* row = row_of(status);
  const bool has_sentence = row != nullptr && !row->sentence.empty();
  return page(status, has_sentence ? row->sentence : "The server could not do what was asked.");
}

std::string redirect_page(int status, std::string_view location) {
  const Row* row = row_of(status);
  std::string body(row == nullptr || row->sentence.empty() ? "The document is at another address"
                                                           : row->sentence);
  body += ": <a href=\"";
  append_html_escaped(body, location);
  body += "\">";
  append_html_escaped(body, location);
  body += "</a>.";
  return page(status, body);
}

}  // namespace appserver::handlers
