// SPDX-License-Identifier: Apache-2.0
// Asio and Beast compiled once (BOOST_*_SEPARATE_COMPILATION), so that their users compile quickly.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
