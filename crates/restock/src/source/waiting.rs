//! Sources that may keep silent: pipes, terminals and the like.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;

use super::original::Original;
use super::stream::Watch;

/// How long a wish to stop goes unheard at most while nothing comes.
const LISTEN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A reader, and what its file is like if it is one.
type Opened = (Box<dyn Read + Send>, Option<Original>);

/// Opens a file; opening a pipe does not wait for its writer.
pub(super) fn open(path: &Path, watch: &Watch) -> io::Result<Opened> {
    let is_pipe = path.metadata().is_ok_and(|data| data.file_type().is_fifo());
    if !is_pipe {
        let file = File::open(path)?;
        let original = Original::of(&file)?;
        return Ok((Box::new(file), original));
    }
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    Ok((Box::new(Waiting { file, watch: watch.clone() }), None))
}

/// Standard input, without the buffer of the standard library: what lies in it cannot be waited for.
pub(super) fn stdin(watch: &Watch) -> io::Result<Box<dyn Read + Send>> {
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Ok(Box::new(Waiting { file, watch: watch.clone() }))
}

/// A reader that listens for a wish to stop while nothing comes.
struct Waiting {
    file: File,
    watch: Watch,
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.watch.advance(0)?;
            match poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&LISTEN)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                // What cannot be waited for can be read at once.
                Ok(_) | Err(_) => {}
            }
            match self.file.read(buffer) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests;
