#pragma once

namespace bytestore::cassandra {

/// The driver crate passes an object from the thread that makes a request to the one that completes
/// it, and orders what the two do; but it is not compiled for the thread sanitizer, which has to be
/// told. `handed_over` comes before the object is given away; what follows a `TakenOver` of it then
/// happens after that. While a `TakenOver` lives the sanitizer watches the driver's thread, and not
/// between those, where only the driver is at work. Without the sanitizer this does nothing.
#ifdef __SANITIZE_THREAD__

void handed_over(void* object) noexcept;

class TakenOver {
 public:
  explicit TakenOver(void* object) noexcept;
  ~TakenOver();
  TakenOver(const TakenOver&) = delete;
  TakenOver& operator=(const TakenOver&) = delete;
};

#else

inline void handed_over(void* /*object*/) noexcept {}

class TakenOver {
 public:
  explicit TakenOver(void* /*object*/) noexcept {}
};

#endif

}  // namespace bytestore::cassandra
