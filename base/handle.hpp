// SPDX-License-Identifier: Apache-2.0
// Owning handles for C libraries: one pointer wide, no indirect call.
#pragma once

#include <memory>

namespace base {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace base
