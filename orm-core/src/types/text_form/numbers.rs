//! The texts of numbers, bits and addresses.

use super::super::array::Reader;
use super::super::scalar::WireError;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The shortest text that is this number again; `finite` gives it where it is one.
pub(super) fn push_float(value: f64, out: &mut String, finite: impl FnOnce() -> String) {
    match value {
        nan if nan.is_nan() => out.push_str("NaN"),
        f64::INFINITY => out.push_str("Infinity"),
        f64::NEG_INFINITY => out.push_str("-Infinity"),
        _ => out.push_str(&finite()),
    }
}

/// The sign of a `numeric` on the wire.
const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEG_INFINITY: u16 = 0xF000;

/// The text of a `numeric` with all of its digits.
pub(crate) fn push_numeric(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let (count, weight, sign, scale) = (raw.short()?, raw.short()?, raw.short()?, raw.short()?);
    let special = match sign {
        0 => "",
        NEGATIVE => "-",
        NAN => "NaN",
        INFINITY => "Infinity",
        NEG_INFINITY => "-Infinity",
        other => return Err(format!("a numeric with the sign {other:#x}").into()),
    };
    out.push_str(special);
    if special.len() > 1 {
        return Ok(());
    }
    let digits: Vec<u16> = (0..count).map(|_| raw.short()).collect::<Result<_, _>>()?;
    let digit = |at: i32| usize::try_from(at).ok().and_then(|at| digits.get(at)).copied().unwrap_or(0);
    let weight = i32::from(weight.cast_signed());
    match weight {
        ..0 => out.push('0'),
        _ => write!(out, "{}", digit(0))?,
    }
    for at in 1..=weight {
        write!(out, "{:04}", digit(at))?;
    }
    if scale > 0 {
        out.push('.');
        let end = out.len() + usize::from(scale);
        let mut at = weight + 1;
        while out.len() < end {
            write!(out, "{:04}", digit(at))?;
            at += 1;
        }
        out.truncate(end);
    }
    Ok(())
}

/// One byte, where its text is one in every encoding.
pub(super) fn push_char(byte: u8, out: &mut String) -> Result<(), WireError> {
    match byte {
        0 => {}
        1..128 => out.push(char::from(byte)),
        _ => return Err("a \"char\" above 127 cannot stand in an array of a batch".into()),
    }
    Ok(())
}

pub(super) fn push_bits(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let count = usize::try_from(raw.int()?)?;
    let bytes = raw.take(count.div_ceil(8))?;
    out.extend((0..count).map(|at| if bytes[at / 8] & (0x80 >> (at % 8)) == 0 { '0' } else { '1' }));
    Ok(())
}

/// `192.0.2.1/24`
pub(super) fn push_address(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let [_family, bits, _is_cidr, len] = *raw.take(4)? else { return Err("a cut address".into()) };
    let address = raw.take(usize::from(len))?;
    match len {
        4 => write!(out, "{}/{bits}", Ipv4Addr::from(<[u8; 4]>::try_from(address)?))?,
        16 => write!(out, "{}/{bits}", Ipv6Addr::from(<[u8; 16]>::try_from(address)?))?,
        _ => return Err(format!("an address of {len} bytes").into()),
    }
    Ok(())
}

/// `08:00:2b:01:02:03`
pub(super) fn push_mac(raw: &[u8], out: &mut String) -> Result<(), WireError> {
    for (at, byte) in raw.iter().enumerate() {
        write!(out, "{}{byte:02x}", if at == 0 { "" } else { ":" })?;
    }
    Ok(())
}

/// `67e55044-10b1-426f-9247-bb680e5fe0c8`
pub(super) fn push_uuid(raw: [u8; 16], out: &mut String) -> Result<(), WireError> {
    for (at, byte) in raw.iter().enumerate() {
        write!(out, "{}{byte:02x}", if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" })?;
    }
    Ok(())
}

/// `10:20:10,14,15`
pub(super) fn push_snapshot(mut raw: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let count = raw.int()?;
    write!(out, "{}:{}:", raw.long()?, raw.long()?)?;
    for at in 0..count {
        write!(out, "{}{}", if at == 0 { "" } else { "," }, raw.long()?)?;
    }
    Ok(())
}
