// SPDX-License-Identifier: Apache-2.0
// Heads: the verdict is the same however the bytes arrive, and what is accepted keeps the promises
// of head.hpp. The first byte picks the size of the pieces.
#include "base/assert.hpp"
#include "base/http/head.hpp"
#include "base/http/request_target.hpp"
#include "base/http/tokens.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

using base::http::BodyKind;
using base::http::Field;
using base::http::FieldName;
using base::http::HeadLimits;
using base::http::Method;
using base::http::ParseStatus;
using base::http::RequestHead;
using base::http::RequestParser;
using base::http::ResponseHead;
using base::http::ResponseParser;

HeadLimits small_limits() {
  HeadLimits out;
  out.line_bytes = 300;
  out.field_bytes = 200;
  out.fields = 12;
  out.head_bytes = 2000;
  return out;
}

void check_fields(const std::vector<Field>& fields, std::string_view input) {
  for (const Field& field : fields) {
    GH_ASSERT(base::http::is_token(field.name));
    GH_ASSERT(base::http::is_field_value(field.value));
    GH_ASSERT(base::http::trim_blanks(field.value) == field.value);
    GH_ASSERT(field.name.data() >= input.data() &&
              field.value.data() + field.value.size() <= input.data() + input.size());
  }
}

void check_request(const RequestHead& head, std::string_view input) {
  check_fields(head.fields, input);
  GH_ASSERT(base::http::is_token(head.method_text));
  GH_ASSERT(!head.target.empty() && head.version_minor <= 1);
  GH_ASSERT(head.has_host || head.version_minor == 0);
  const auto count = [&head](FieldName id) {
    return std::count_if(head.fields.begin(), head.fields.end(),
                         [id](const Field& field) { return field.id == id; });
  };
  GH_ASSERT(count(FieldName::host) <= 1 && count(FieldName::content_length) <= 1);
  GH_ASSERT(count(FieldName::content_length) == 0 || count(FieldName::transfer_encoding) == 0);
  GH_ASSERT((head.body == BodyKind::chunked) == (count(FieldName::transfer_encoding) == 1));
  GH_ASSERT((head.body == BodyKind::length) == (count(FieldName::content_length) == 1));
  std::string path;
  if (const auto target = base::http::split_target(head.method, head.target)) {
    for (const auto mode : {base::http::EncodedSlashes::off, base::http::EncodedSlashes::on,
                            base::http::EncodedSlashes::no_decode}) {
      if (base::http::normalize_path(target->path, mode, base::http::MergeSlashes::on, path) != 0)
        continue;
      GH_ASSERT(path.front() == '/' && path.find("//") == std::string::npos);
      GH_ASSERT((path + "/").find("/../") == std::string::npos &&
                (path + "/").find("/./") == std::string::npos);
      GH_ASSERT(path.find('\0') == std::string::npos);
    }
  }
}

struct Verdict {
  ParseStatus status = ParseStatus::incomplete;
  std::size_t consumed = 0;
  std::size_t fields = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// `parse(parser, view, head)` over growing copies, each at another place.
template <class Parser, class Head, class Parse>
Verdict run(std::string_view input, std::size_t step, const Parse& parse, Head& head,
            std::unique_ptr<char[]>& buffer) {
  Parser parser;
  Verdict out;
  for (std::size_t size = std::min(step, input.size());;
       size = std::min(size + step, input.size())) {
    auto moved = std::make_unique<char[]>(size + 1);
    input.copy(moved.get(), size);
    buffer = std::move(moved);
    out.status = parse(parser, std::string_view(buffer.get(), size), head);
    if (out.status == ParseStatus::complete) {
      out.consumed = parser.consumed();
      out.fields = head.fields.size();
      GH_ASSERT(out.consumed <= size);
    }
    if (out.status != ParseStatus::incomplete || size == input.size()) return out;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 67;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::unique_ptr<char[]> buffer;
  for (const HeadLimits& limits : {HeadLimits(), small_limits()}) {
    const auto request = [&limits](RequestParser& parser, std::string_view view,
                                   RequestHead& head) { return parser.parse(view, limits, head); };
    RequestHead head;
    const Verdict whole = run<RequestParser>(input, input.size() + 1, request, head, buffer);
    if (whole.status == ParseStatus::complete) check_request(head, {buffer.get(), input.size()});
    GH_ASSERT(run<RequestParser>(input, step, request, head, buffer) == whole);
    if (whole.status == ParseStatus::complete) check_request(head, {buffer.get(), input.size()});

    const auto response = [&limits](ResponseParser& parser, std::string_view view,
                                    ResponseHead& out) {
      return parser.parse(view, limits, Method::get, out);
    };
    ResponseHead answer;
    const Verdict answer_whole =
        run<ResponseParser>(input, input.size() + 1, response, answer, buffer);
    if (answer_whole.status == ParseStatus::complete) {
      check_fields(answer.fields, {buffer.get(), input.size()});
      GH_ASSERT(answer.status >= 100 && answer.status <= 599 &&
                base::http::is_field_value(answer.reason));
      GH_ASSERT(answer.body != BodyKind::until_close || !answer.keep_alive);
    }
    GH_ASSERT(run<ResponseParser>(input, step, response, answer, buffer) == answer_whole);
  }
  return 0;
}
