#include "addresses.hpp"

#include <nanobind/stl/string.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "interpreter.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;

/// A function of the program, which threads of the library call and let go.
class Function {
 public:
  explicit Function(nb::handle function) noexcept : function_(function.inc_ref()) {}
  ~Function() {
    const Interpreter interpreter;
    if (interpreter.entered()) function_.dec_ref();
  }
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  [[nodiscard]] std::string operator()(std::string_view announced) const {
    const Interpreter interpreter;
    if (!interpreter.entered()) throw std::runtime_error("Python is ending");
    try {
      const nb::object reachable = function_(nb::str(announced.data(), announced.size()));
      if (reachable.is_none()) return {};
      std::string text;
      if (nb::try_cast(reachable, text)) return text;
      throw std::runtime_error("it returned " + type_of(reachable) + ", neither str nor None");
    } catch (const nb::python_error& raised) {
      // Its objects must not leave the interpreter lock.
      throw std::runtime_error(type_of(raised.value()) + ": " + text_of(raised.value()));
    }
  }

 private:
  static std::string type_of(nb::handle object) { return Py_TYPE(object.ptr())->tp_name; }

  static std::string text_of(nb::handle object) {
    try {
      return nb::cast<std::string>(nb::str(object));
    } catch (const nb::python_error&) {
      return "its text cannot be shown";
    }
  }

  nb::handle function_;
};

}  // namespace

void take_address_map(nb::handle given, CassandraSessionOptions& options) {
  if (PyCallable_Check(given.ptr()) != 0) {
    options.address_function = [function = std::make_shared<const Function>(given)](
                                   std::string_view announced) { return (*function)(announced); };
    return;
  }
  for (const nb::handle entry : given.attr("items")()) {
    options.address_map.push_back({.announced = nb::cast<std::string>(entry[0]),
                                   .reachable = nb::cast<std::string>(entry[1])});
  }
}

}  // namespace bytestore::python
