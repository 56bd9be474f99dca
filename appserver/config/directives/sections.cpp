// SPDX-License-Identifier: Apache-2.0
// <VirtualHost>, and the sections that say where per-directory values hold (wsgi-hosting 1.4, 1.5).
#include "appserver/config/directives/rows.hpp"
#include "base/config/pattern.hpp"
#include "base/config/values.hpp"

#include <string>
#include <utility>
#include <vector>

namespace appserver::config {
namespace {

using base::ErrorCode;
using base::fail;
namespace context = base::config::context;
using base::config::Override;
using Kind = Section::Kind;

// A section with a mistake in its argument is opened all the same: what stands in it is judged too.

Result<> open_virtual_host(const Args& args, Builder& builder) {
  std::vector<base::net::Endpoint> addresses;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (const auto address = base::config::parse_host_address(args[i])) {
      addresses.push_back(*address);
    } else {
      builder.error(args, address.error().detail);
    }
  }
  if (addresses.empty()) addresses.emplace_back();
  builder.open_host(std::move(addresses), args.origin());
  return {};
}

void close_virtual_host(Builder& builder) {
  builder.close_host();
}

void close_section(Builder& builder) {
  builder.close_section();
}

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

/// `plain` takes `pattern` or `~ regex`.
void open_section(const Args& args, Builder& builder, Kind plain, Kind match) {
  Section section;
  section.origin = args.origin();
  const bool tilde = plain != match && args[0] == "~";
  section.kind = tilde ? match : plain;
  section.pattern = args[tilde && args.size() > 1 ? 1 : 0];
  if (tilde != (args.size() == 2)) {
    builder.error(args, tilde ? "expected a regular expression behind ~"
                              : "expected 1 argument, got 2; a regular expression follows a ~");
  }
  if (section.pattern.empty()) builder.error(args, "the argument must not be empty");
  if (section.kind == match) {
    if (const auto good = base::config::check_regex(section.pattern); !good) {
      builder.error(args, good.error().detail);
    }
  } else {
    section.is_glob = is_glob(section.pattern);
  }
  if (section.kind == Kind::directory && !section.pattern.starts_with('/')) {
    builder.notice(args, "a path that is not absolute never matches: " +
                             base::config::printable(section.pattern));
  }
  builder.open_section(std::move(section));
}

template <Kind Plain, Kind Match>
Result<> open(const Args& args, Builder& builder) {
  open_section(args, builder, Plain, Match);
  return {};
}

consteval DirectiveRow row(std::string_view name, Contexts contexts, base::config::Arity arity,
                           std::string_view synopsis, std::string_view doc,
                           Result<> (*parse)(const Args&, Builder&)) {
  return {{.name = name,
           .section = true,
           .contexts = contexts,
           .override_class = name.starts_with("Files") ? Override::all : Override::none,
           .arity = arity,
           .synopsis = synopsis,
           .doc = doc},
          parse,
          name == "VirtualHost" ? close_virtual_host : close_section};
}

constexpr Contexts kHost = context::server | context::vhost;
constexpr Contexts kFiles = kHost | context::directory | context::files | context::htaccess;

constexpr DirectiveRow kRows[] = {
    row("Directory", kHost, {1, 2}, "path|glob | ~ regex",
        "Holds for a folder of the file system and everything below it; fewer path components "
        "first.",
        open<Kind::directory, Kind::directory_match>),
    row("DirectoryMatch", kHost, {1, 1}, "regex",
        "Holds where the expression is found in the mapped file name.",
        open<Kind::directory_match, Kind::directory_match>),
    row("Files", kFiles, {1, 2}, "name|glob | ~ regex",
        "Holds for files of that name, wherever they are or inside the section around it.",
        open<Kind::files, Kind::files_match>),
    row("FilesMatch", kFiles, {1, 1}, "regex",
        "Holds where the expression is found in the file's own name.",
        open<Kind::files_match, Kind::files_match>),
    row("Location", kHost, {1, 2}, "url-path|glob | ~ regex",
        "Holds for a URL path and everything below it; applied after all file sections.",
        open<Kind::location, Kind::location_match>),
    row("LocationMatch", kHost, {1, 1}, "regex",
        "Holds where the expression is found in the decoded URL path.",
        open<Kind::location_match, Kind::location_match>),
    row("VirtualHost", context::server, {1, base::config::kMany}, "address[:port]...",
        "A host of its own for connections to these addresses; `*` and `_default_` stand for any.",
        open_virtual_host),
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> section_rows() {
  return kRows;
}

}  // namespace appserver::config
