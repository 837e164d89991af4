#pragma once

#include <functional>
#include <string>

namespace bytestore::testing {

/// How a forked child ends once its body has returned.
enum class ChildEnd {
  at_once,      ///< `_exit`: no static object is destroyed
  by_the_book,  ///< `exit`
};

/// Runs `body` in a forked child and returns what it returned, or how the child failed: "did not
/// end" when it had to be killed after a while, for instance.
std::string in_child(const std::function<std::string()>& body, ChildEnd end = ChildEnd::at_once);

/// Runs `verb`, and says how it went: "ok", or the name of the code of its error.
std::string outcome_of(const std::function<void()>& verb);

}  // namespace bytestore::testing
