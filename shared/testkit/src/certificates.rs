//! A certificate authority of a test's own.

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};

/// Signs certificates for servers and clients. Everything is in PEM.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// A certificate and its private key, in PEM.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// Its key (PKCS #8).
    pub key: String,
}

impl Authority {
    /// A new authority that nobody trusts yet.
    pub fn new() -> Result<Self> {
        let params = authority("Dockline test authority");
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate })
    }

    /// An authority that exists, by its common name, its certificate and its key (PKCS #8), both in PEM.
    pub fn existing(name: &str, certificate: &str, key: &str) -> Result<Self> {
        let issuer = Issuer::new(authority(name), KeyPair::from_pem(key)?);
        Ok(Self { issuer, certificate: certificate.to_owned() })
    }

    /// Its own certificate, which whoever trusts it needs.
    pub fn certificate(&self) -> String {
        self.certificate.clone()
    }

    /// A certificate that serves for these names and addresses, as server and as client.
    pub fn issue(&self, names: &[&str]) -> Result<Certified> {
        self.sign(params(names)?)
    }

    /// As [`Self::issue`], but it expired at the end of the year 2020.
    pub fn issue_expired(&self, names: &[&str]) -> Result<Certified> {
        let mut params = params(names)?;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 12, 31);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Result<Certified> {
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Certified { certificate: certificate.pem(), key: key.serialize_pem() })
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn params(names: &[&str]) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}
