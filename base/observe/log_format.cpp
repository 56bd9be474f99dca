// SPDX-License-Identifier: Apache-2.0
// Compiles. The other half, running the steps, is log_format_run.cpp.
#include "base/observe/log_format.hpp"

#include "base/observe/log.hpp"

#include <optional>
#include <utility>

namespace base::observe {
namespace {

using What = LogFormat::What;

struct Letter {
  char letter;
  std::string_view argument;  // as written in braces; "" for none
  What what;
};

// Letters without an argument, or with one of a closed set.
constexpr Letter kLetters[] = {
    {'h', "", What::client_address},
    {'a', "", What::client_address},
    {'a', "c", What::peer_address},
    {'A', "", What::local_address},
    {'l', "", What::nothing},
    {'u', "", What::user},
    {'r', "", What::request_line},
    {'s', "", What::status},
    {'b', "", What::body_bytes_clf},
    {'B', "", What::body_bytes},
    {'D', "", What::duration_us},
    {'T', "", What::duration_s},
    {'T', "s", What::duration_s},
    {'T', "ms", What::duration_ms},
    {'T', "us", What::duration_us},
    {'f', "", What::file},
    {'U', "", What::path},
    {'q', "", What::query},
    {'m', "", What::method},
    {'H', "", What::protocol},
    {'v', "", What::server_name},
    {'V', "", What::host},
    {'p', "", What::canonical_port},
    {'p', "canonical", What::canonical_port},
    {'p', "local", What::local_port},
    {'p', "remote", What::client_port},
    {'P', "", What::process_id},
    {'P', "pid", What::process_id},
    {'P', "tid", What::thread_id},
    {'P', "hextid", What::thread_id_hex},
    {'I', "", What::bytes_in},
    {'O', "", What::bytes_out},
    {'S', "", What::bytes_both},
    {'k', "", What::keep_alive},
    {'X', "", What::connection},
    {'L', "", What::request_id},
    {'R', "", What::handler},
};

// Letters whose argument is a name.
constexpr Letter kNamed[] =
    {
        {'i', "", What::request_field}, {'o', "", What::response_field},
        {'e', "", What::environment},   {'C', "", What::cookie},
        {'n', "", What::nothing},  // notes of other modules: there are none
};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

Error bad(std::string_view what, std::string_view item) {
  std::string detail(what);
  detail += " \"";
  append_escaped(detail, item);
  detail += "\" in the log format";
  return {ErrorCode::invalid, std::move(detail)};
}

}  // namespace

Result<> LogFormat::compile_time(Step& step, std::string_view argument) {
  if (argument.starts_with("begin:")) {
    argument.remove_prefix(6);
  } else if (argument.starts_with("end:")) {
    step.when = When::end;
    argument.remove_prefix(4);
  }
  constexpr std::pair<std::string_view, What> kTokens[] = {
      {"", What::time},
      {"sec", What::time_seconds},
      {"msec", What::time_millis},
      {"usec", What::time_micros},
      {"msec_frac", What::time_millis_part},
      {"usec_frac", What::time_micros_part},
  };
  for (const auto& [token, what] : kTokens) {
    if (token == argument) {
      step.what = what;
      return {};
    }
  }
  step.what = What::time_text;
  step.text = argument;
  return {};
}

// At the `%`: modifiers in any order, then the letter.
Result<LogFormat::Step> LogFormat::compile_item(std::string_view text, std::size_t& at) {
  const std::size_t start = at++;
  const auto item = [&] { return text.substr(start, std::min(at + 1, text.size()) - start); };
  Step step;
  std::optional<std::string_view> argument;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '!') {
      step.unless = true;
    } else if (c == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return fail(bad("no closing brace in", item()));
      argument = text.substr(at + 1, end - at - 1);
      at = end;
    } else if (is_digit(c)) {
      int status = 0;
      for (; at < text.size() && is_digit(text[at]) && status < 1000; ++at)
        status = status * 10 + (text[at] - '0');
      --at;
      if (status < 100 || status > 999) return fail(bad("bad status in", item()));
      step.statuses.push_back(status);
    } else if (c != ',' && c != '<' && c != '>') {  // first or last status: we have one
      break;
    }
  }
  if (at == text.size()) return fail(bad("no letter after", item()));
  std::string_view whole = item();
  char letter = text[at++];
  if (letter == '%' && !argument && step.statuses.empty()) {
    step.text = "%";
    return step;
  }
  if (letter == '^' && (text.substr(at, 2) == "ti" || text.substr(at, 2) == "to")) {
    at += 2;  // trailers are dropped
    step.what = What::nothing;
    return step;
  }
  if (letter == 't') {
    GH_CHECK(compile_time(step, argument.value_or("")));
    return step;
  }
  for (const Letter& named : kNamed) {
    if (named.letter != letter) continue;
    if (!argument || argument->empty()) return fail(bad("no name in", whole));
    step.what = named.what;
    step.text = *argument;
    return step;
  }
  bool known = false;
  for (const Letter& candidate : kLetters) {
    if (candidate.letter != letter) continue;
    known = true;
    if (candidate.argument != argument.value_or("")) continue;
    step.what = candidate.what;
    return step;
  }
  return fail(bad(known ? "unknown argument of" : "unknown letter", whole));
}

Result<LogFormat> LogFormat::compile(std::string_view text) {
  LogFormat format;
  std::string literal;
  const auto end_literal = [&] {
    if (literal.empty()) return;
    format.steps_.emplace_back().text = std::exchange(literal, {});
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '%') {
      GH_TRY(Step step, compile_item(text, at));
      if (step.what == What::literal) {
        literal += step.text;
        continue;
      }
      end_literal();
      format.steps_.push_back(std::move(step));
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      const char c = text[at + 1];
      switch (c) {
        case 'n':
          literal += '\n';
          break;
        case 'r':
          literal += '\r';
          break;
        case 't':
          literal += '\t';
          break;
        case '\\':
        case '"':
          literal += c;
          break;
        default:
          (literal += '\\') += c;
          break;
      }
      at += 2;
    } else {
      literal += text[at++];
    }
  }
  literal += '\n';
  end_literal();
  return format;
}

}  // namespace base::observe
