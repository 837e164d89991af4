#include "options.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "addresses.hpp"
#include "bytestore/detail/cassandra_names.hpp"
#include "bytestore/error.hpp"
#include "interpreter.hpp"
#include "kept_objects.hpp"
#include "results.hpp"

namespace bytestore::python {
namespace {

namespace nb = nanobind;
using std::chrono::milliseconds;

template <typename Value, std::size_t Size>
using Names = std::array<detail::Named<Value>, Size>;

/// In which letters the values of an option are written.
enum class Letters { lower, upper };

std::string written(std::string_view name, Letters letters) {
  std::string text(name);
  if (letters == Letters::upper) {
    std::ranges::transform(text, text.begin(), [](char letter) {
      return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
  }
  return text;
}

/// Keyword arguments, each of which is taken once.
class Given {
 public:
  explicit Given(const OptionDict& given) {
    for (const auto& [name, value] : given) {
      if (!value.is_none()) left_[name] = value;
    }
  }

  template <typename Value>
  void take(const char* name, Value& into) {
    if (const nb::object value = pop(name); value.is_valid()) into = cast<Value>(name, value);
  }

  /// Returns the argument as it was given, if it was.
  nb::object take(const char* name) { return pop(name); }

  /// Returns whether the argument was given. An empty text is refused, since it may be a mistake.
  bool take_filled(const char* name, std::string& into) {
    const nb::object value = pop(name);
    if (!value.is_valid()) return false;
    into = cast<std::string>(name, value);
    if (into.empty()) refuse(name, "a text that is not empty, or None");
    return true;
  }

  void take(const char* name, milliseconds& into) {
    const nb::object value = pop(name);
    if (!value.is_valid()) return;
    const auto seconds = cast<double>(name, value);
    if (!std::isfinite(seconds) || seconds <= 0 || seconds > kLongestSeconds) {
      refuse(name, "a time in seconds above 0");
    }
    into = milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
  }

  template <typename Integer>
  void take_number(const char* name, Integer& into) {
    const nb::object value = pop(name);
    if (!value.is_valid()) return;
    const auto number = cast<std::int64_t>(name, value);
    if (!std::in_range<Integer>(number)) refuse(name, "a number in its range");
    into = static_cast<Integer>(number);
  }

  template <typename Value, std::size_t Size>
  void take(const char* name, const Names<Value, Size>& names, Value& into,
            Letters letters = Letters::lower) {
    const nb::object value = pop(name);
    if (!value.is_valid()) return;
    const auto wanted = cast<std::string>(name, value);
    std::string all;
    for (const auto& [known, meaning] : names) {
      const std::string as_written = written(known, letters);
      if (written(known, Letters::upper) == written(wanted, Letters::upper)) {
        into = meaning;
        return;
      }
      if (!all.empty()) all += ", ";
      all += as_written;
    }
    refuse(name, ("one of " + all).c_str());
  }

  template <typename Value>
  void take(const char* name, std::optional<Value>& into) {
    Value value{};
    const std::size_t before = left_.size();
    take(name, value);
    if (left_.size() != before) into = std::move(value);
  }

  template <typename Value, std::size_t Size>
  void take(const char* name, const Names<Value, Size>& names, std::optional<Value>& into,
            Letters letters = Letters::lower) {
    Value value = names.front().second;
    const std::size_t before = left_.size();
    take(name, names, value, letters);
    if (left_.size() != before) into = value;
  }

  /// \throws TypeError if an argument was not taken.
  void check_all_taken() const {
    for (const auto& [name, value] : left_) {
      PyErr_Format(PyExc_TypeError, "there is no option %R", name.ptr());
      throw nb::python_error();
    }
  }

 private:
  static constexpr double kLongestSeconds = 1e9;

  nb::object pop(const char* name) {
    if (!left_.contains(name)) return {};
    const nb::object value = left_[name];
    nb::del(left_[name]);
    return value;
  }

  template <typename Value>
  static Value cast(const char* name, const nb::object& value) {
    Value into{};
    if (!nb::try_cast(value, into)) {
      // The message does not have the value, since it may be a password.
      PyErr_Format(PyExc_TypeError, "the option %s does not take this %s", name,
                   Py_TYPE(value.ptr())->tp_name);
      throw nb::python_error();
    }
    return into;
  }

  [[noreturn]] static void refuse(const char* name, const char* wanted) {
    raise(std::make_exception_ptr(Error(ErrorCode::invalid_argument,
                                        "the option " + std::string(name) + " wants " + wanted)));
  }

  nb::dict left_;
};

std::optional<TlsOptions> tls_from(Given& given) {
  TlsOptions tls;
  std::optional<TlsVerify> verify;
  given.take("tls_verify", detail::kTlsVerifyNames, verify);
  bool is_given = given.take_filled("tls_ca", tls.ca_file);
  is_given |= given.take_filled("tls_certificate", tls.certificate_file);
  is_given |= given.take_filled("tls_key", tls.key_file);
  is_given |= given.take_filled("tls_name", tls.name);
  if (!is_given && !verify) return std::nullopt;
  tls.verify = verify.value_or(tls.verify);
  return tls;
}

nb::object text_from(std::string_view message) {
  nb::object text = nb::steal(
      PyUnicode_DecodeUTF8(message.data(), static_cast<Py_ssize_t>(message.size()), "replace"));
  if (!text.is_valid()) throw nb::python_error();
  return text;
}

/// Passes the messages of one session to Python's logger. What a handler or filter there raises
/// goes to `sys.unraisablehook`, once.
class Log {
 public:
  void operator()(std::string_view message) const {
    const Interpreter interpreter;
    if (!interpreter.entered()) return;
    try {
      const nb::object logger =
          nb::module_::import_("logging").attr("getLogger")("langchain_bytestore");
      logger.attr("warning")("%s", text_from(message));
    } catch (nb::python_error& raised) {
      if (!has_failed_->exchange(true)) raised.discard_as_unraisable("langchain_bytestore's log");
    }
  }

 private:
  std::shared_ptr<std::atomic<bool>> has_failed_ = std::make_shared<std::atomic<bool>>(false);
};

/// Asks a Python callable for the user and the password. Any thread may drop it.
class AskedCredentials {
 public:
  explicit AskedCredentials(const nb::object& callable) : callable_(callable.ptr()) {
    kept_->keep(callable_);
  }

  Credentials operator()() const {
    const Interpreter interpreter;
    if (!interpreter.entered()) throw std::runtime_error("the interpreter is ending");
    try {
      const nb::object told = nb::borrow(callable_)();
      std::pair<std::string, std::string> pair;
      if (!nb::try_cast(told, pair)) {
        throw std::runtime_error(
            "the option credentials has to return a user and a password, both str");
      }
      return {.username = std::move(pair.first), .password = std::move(pair.second)};
    } catch (nb::python_error& raised) {  // told without the traceback
      const nb::object type = raised.type().attr("__name__");
      throw std::runtime_error(
          nb::cast<std::string>(nb::str("{}: {}").format(type, raised.value())));
    }
  }

 private:
  PyObject* callable_;  // owned by `kept_`
  std::shared_ptr<KeptObjects> kept_ = std::make_shared<KeptObjects>();
};

CredentialsFunction credentials_from(Given& given) {
  nb::object callable;
  given.take("credentials", callable);
  if (!callable.is_valid()) return nullptr;
  if (PyCallable_Check(callable.ptr()) == 0) {
    PyErr_SetString(PyExc_TypeError, "the option credentials is not callable");
    throw nb::python_error();
  }
  return AskedCredentials(callable);
}

}  // namespace

CassandraSessionOptions session_options_from(const OptionDict& given) {
  Given left(given);
  CassandraSessionOptions options;
  left.take("contact_points", options.contact_points);
  left.take_number("port", options.port);
  if (const nb::object map = left.take("address_map"); map.is_valid()) {
    take_address_map(map, options);
  }
  left.take("local_datacenter", options.local_datacenter);
  left.take("keyspace", options.keyspace);
  left.take("username", options.username);
  left.take("password", options.password);
  options.credentials = credentials_from(left);
  options.tls = tls_from(left);
  left.take("connect_timeout", options.connect_timeout);
  left.take("attempt_timeout", options.attempt_timeout);
  left.take("give_up_after", options.give_up_after);
  left.take("consistency", detail::kConsistencyNames, options.consistency, Letters::upper);
  left.take("compression", detail::kCompressionNames, options.compression);
  left.take_number("worker_threads", options.worker_threads);
  left.take("application_name", options.application_name);
  left.take("allow_clock_difference", options.allow_clock_difference);
  left.check_all_taken();
  options.log = Log();
  return options;
}

CassandraTarget target_from(std::string_view uri, bool create_if_missing) {
  auto target = cassandra_target(uri);
  target.session.log = Log();
  target.store.create_if_missing = create_if_missing;
  return target;
}

CassandraOptions store_options_from(const OptionDict& given) {
  Given left(given);
  CassandraOptions options;
  left.take("keyspace", options.keyspace);
  left.take("setup_mode", detail::kSetupModeNames, options.setup_mode, Letters::upper);
  left.take("setup_deadline", options.setup_deadline);
  left.take("consistency", detail::kConsistencyNames, options.consistency, Letters::upper);
  left.take("timestamps", detail::kTimestampsNames, options.timestamps);
  left.take("speculative_delay", options.speculative_delay);
  left.take("grouping", detail::kGroupingNames, options.grouping);
  left.take_number("read_group_keys", options.read_group_keys);
  left.take_number("write_group_rows", options.write_group_rows);
  left.take_number("write_group_bytes", options.write_group_bytes);
  left.take_number("response_target_bytes", options.response_target_bytes);
  left.check_all_taken();
  return options;
}

}  // namespace bytestore::python
