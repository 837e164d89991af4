#pragma once

namespace bytestore::cassandra {

/// The driver crate passes an object from the thread that makes a request to the one that completes
/// it, and orders what the two do; but it is not compiled for the thread sanitizer, which has to be
/// told. `tsan_release` comes before the object is given away; what follows a `TsanAcquire` of it
/// then happens after that. While a `TsanAcquire` lives the sanitizer watches the driver's thread,
/// and not between those, where only the driver is at work. Without the sanitizer this does
/// nothing.
#ifdef __SANITIZE_THREAD__

void tsan_release(void* object) noexcept;

class TsanAcquire {
 public:
  explicit TsanAcquire(void* object) noexcept;
  ~TsanAcquire();
  TsanAcquire(const TsanAcquire&) = delete;
  TsanAcquire& operator=(const TsanAcquire&) = delete;
};

/// While it lives the current thread is one of the driver.
class TsanDriving {
 public:
  TsanDriving() noexcept;
  ~TsanDriving();
  TsanDriving(const TsanDriving&) = delete;
  TsanDriving& operator=(const TsanDriving&) = delete;
};

#else

inline void tsan_release(void* /*object*/) noexcept {}

class TsanAcquire {
 public:
  explicit TsanAcquire(void* /*object*/) noexcept {}
};

class TsanDriving {};

#endif

}  // namespace bytestore::cassandra
