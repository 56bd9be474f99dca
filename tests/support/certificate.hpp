// SPDX-License-Identifier: Apache-2.0
// Certificates for tests: made on the spot, gone with the test's folder.
#pragma once

#include "tests/support/temp_dir.hpp"

#include <string>
#include <vector>

namespace tests::support {

struct Certificate {
  std::string certificate_file;  ///< PEM
  std::string key_file;          ///< PEM, mode 0600
};

/// Self-signed certificate on a P-256 key, valid for a day around now. `names` are DNS names or IP
/// addresses; the first is the common name too. The files are `stem`.crt and `stem`.key in `dir`.
/// Throws on failure.
Certificate make_certificate(const TempDir& dir, const std::string& stem,
                             const std::vector<std::string>& names);

}  // namespace tests::support
