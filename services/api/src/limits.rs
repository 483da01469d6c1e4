use std::{
    net::IpAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use dockline_domain::Username;
use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};

use crate::SignInLimits;

/// Counts attempts to sign in, per account and per address. Memory of old ones is given back.
pub(crate) struct SignInLimiter {
    accounts: DefaultKeyedRateLimiter<Username>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// Attempts between two clean-ups of what is remembered.
const CLEAN_UP_EVERY: u32 = 256;

impl SignInLimiter {
    pub(crate) fn new(limits: SignInLimits) -> Self {
        let quota = |burst, refill| {
            // A refill of zero is no limit; the shortest time that can be counted is as good as that.
            Quota::with_period(refill)
                .or_else(|| Quota::with_period(Duration::from_nanos(1)))
                .unwrap_or_else(|| Quota::per_second(burst))
                .allow_burst(burst)
        };
        Self {
            accounts: DefaultKeyedRateLimiter::keyed(quota(limits.account_burst, limits.account_refill)),
            addresses: DefaultKeyedRateLimiter::keyed(quota(limits.address_burst, limits.address_refill)),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts an attempt; when it is one too many, how long to wait.
    pub(crate) fn attempt(
        &self,
        address: Option<IpAddr>,
        account: Option<&Username>,
    ) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEAN_UP_EVERY == CLEAN_UP_EVERY - 1 {
            self.accounts.retain_recent();
            self.addresses.retain_recent();
        }
        let now = self.clock.now();
        // The address first: a stranger who is over the limit must not use up an account's attempts.
        if let Some(address) = address {
            self.addresses.check_key(&network(address)).map_err(|until| until.wait_time_from(now))?;
        }
        if let Some(account) = account {
            self.accounts.check_key(account).map_err(|until| until.wait_time_from(now))?;
        }
        Ok(())
    }
}

/// Whoever has an IPv6 address has the other 2^64 of its network too.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn limiter() -> SignInLimiter {
        SignInLimiter::new(SignInLimits {
            account_burst: NonZeroU32::new(2).expect("not zero"),
            account_refill: Duration::from_secs(60),
            address_burst: NonZeroU32::new(3).expect("not zero"),
            address_refill: Duration::from_secs(60),
        })
    }

    #[test]
    fn an_account_is_limited_from_anywhere() {
        let (limiter, ada) = (limiter(), "ada".parse().expect("valid"));
        let from = |last: u8| Some(IpAddr::from([203, 0, 113, last]));
        assert!(limiter.attempt(from(1), Some(&ada)).is_ok());
        assert!(limiter.attempt(from(2), Some(&ada)).is_ok());
        let wait = limiter.attempt(from(3), Some(&ada)).expect_err("limited");
        assert!(wait > Duration::from_secs(30), "{wait:?}");
    }

    #[test]
    fn an_address_is_limited_whatever_it_tries() {
        let limiter = limiter();
        let from = |text: &str| Some(text.parse::<IpAddr>().expect("an address"));
        for account in ["a1", "a2", "a3"] {
            assert!(limiter.attempt(from("2001:db8::1"), account.parse().ok().as_ref()).is_ok());
        }
        assert!(limiter.attempt(from("2001:db8::2"), None).is_err());
        assert!(limiter.attempt(from("2001:db8:0:1::2"), None).is_ok());
    }
}
