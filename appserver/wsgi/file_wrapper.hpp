// SPDX-License-Identifier: Apache-2.0
// wsgi.file_wrapper: an iterable over blocks of a file, which may be sent by descriptor instead.
// Sources: PEP 3333 "Optional Platform-Specific File Handling"; wsgi-hosting 4.11 (file wrapper).
#pragma once

#include "appserver/wsgi/gil.hpp"
#include "appserver/wsgi/py_ref.hpp"

#include <cstdint>
#include <optional>

namespace appserver::wsgi {

PyRef make_file_wrapper_type(const Gil& gil);

struct RegularFile {
  int fd = -1;  ///< the application's
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< from the offset to the end
};
/// The regular file behind a FileWrapper; none when it must be read in blocks. Leaves no exception
/// set.
std::optional<RegularFile> wrapped_file(const Gil& gil, PyObject* wrapper);

}  // namespace appserver::wsgi
