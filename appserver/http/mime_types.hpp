// SPDX-License-Identifier: Apache-2.0
// File name -> media type, from the file that TypesConfig names (read once at start).
// Source: wsgi-hosting 7.5.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace appserver::http {

class MimeTypes {
 public:
  /// Reads a file of lines `type/subtype ext ext...`; `#` begins a comment.
  static base::Result<MimeTypes> read(const std::string& path);
  /// The same from memory. Lines that name no type are skipped; a later line wins.
  static MimeTypes parse(std::string_view text);

  /// Type of a file by its name (without folders): its last extension that has one, in any case.
  /// Empty: unknown. A name without a dot, or with only a leading one, has no extension.
  [[nodiscard]] std::string_view type_of(std::string_view file_name) const;
  [[nodiscard]] std::size_t size() const noexcept { return types_.size(); }

 private:
  std::unordered_map<std::string, std::string> types_;  // extension in lower case -> type
};

}  // namespace appserver::http
