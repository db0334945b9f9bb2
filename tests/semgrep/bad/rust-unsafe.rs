pub fn read(at: *const u8) -> u8 {
    unsafe { *at }
}
