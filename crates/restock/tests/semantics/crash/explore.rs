//! Cuts the power after each event of a run, in several ways, and looks what is left.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use restock::{MemoryStorage, Storage};
use xxhash_rust::xxh3::Xxh3;

use super::disk::{Event, files};
use super::platter::Platter;
use super::run::{Recorder, Run, Step, deal_one};
use crate::model::{Check, Dice, World, guarded, verifies};

/// Ways in which the power fails after one event.
const CUTS: usize = 6;
/// One recovery in so many is cut off itself.
const RECOVERIES: usize = 48;
/// Cuts of one event of a recovery.
const RECOVERY_CUTS: usize = 2;

/// Points at which the power was cut.
#[derive(Debug)]
pub struct Explorer {
    dice: Dice,
    /// In the middle of a segment, one event in so many is tried.
    one_in: usize,
    seen: HashSet<(u64, usize, usize)>,
    /// Cuts that left another disk, or demanded more of it, than every one before.
    pub distinct: u64,
    /// All cuts.
    pub tried: u64,
    /// The distinct ones that hit a recovery.
    pub in_recovery: u64,
}

impl Explorer {
    /// In the middle of a segment, tries one event in `one_in`.
    pub fn new(seed: u64, one_in: usize) -> Explorer {
        let dice = Dice::new(seed);
        Explorer { dice, one_in, seen: HashSet::new(), distinct: 0, tried: 0, in_recovery: 0 }
    }

    /// Cuts the power after each event of the range: so many that have reached the disk.
    pub fn explore(&mut self, run: &Run, range: RangeInclusive<usize>) -> Check {
        self.cut_all(run, range, CUTS, true)
    }

    fn cut_all(&mut self, run: &Run, range: RangeInclusive<usize>, cuts: usize, first: bool) -> Check {
        let mut platter = run.start.clone();
        let last = *range.end();
        for events in 0..=last {
            if let Some(event) = events.checked_sub(1) {
                platter.apply(&run.events[event]);
            }
            if !range.contains(&events) || !self.tries(run, events) {
                continue;
            }
            for _ in 0..if platter.is_settled() { 1 } else { cuts } {
                let (way, mut dice) = (self.dice.clone(), self.dice.clone());
                self.dice.next();
                let image = platter.cut(&mut dice);
                self.tried += 1;
                let worlds = run.worlds(events);
                if !self.seen.insert((fingerprint(&image), worlds.len(), run.moments.len())) {
                    continue;
                }
                self.distinct += 1;
                self.in_recovery += u64::from(!first);
                guarded(|| self.look(&image, &worlds, first)).map_err(|why| {
                    let event = events.checked_sub(1).map(|event| &run.events[event]);
                    format!(
                        "{why}\nafter {events} events, the last of them {event:.300?}, in: {:.600}\n{way:?}; on the disk: {:?}",
                        run.at(events),
                        files(&image)
                    )
                })?;
            }
        }
        Ok(())
    }

    /// Cuts the power `cuts` times as things are: the store is one of the worlds then.
    pub fn cut(&mut self, platter: &Platter, worlds: &[&World], cuts: usize) -> Check {
        for _ in 0..cuts {
            let image = platter.cut(&mut self.dice);
            self.tried += 1;
            guarded(|| self.look(&image, worlds, true))?;
        }
        Ok(())
    }

    /// All moments but those in the middle of a segment: most writes are there, and one is like the other.
    fn tries(&mut self, run: &Run, events: usize) -> bool {
        let is_write = |at: usize| matches!(run.events.get(at), Some(Event::Write { .. }));
        let midst = events.checked_sub(2).is_some_and(&is_write) && is_write(events - 1) && is_write(events);
        !midst || self.dice.one_in(self.one_in)
    }

    /// Opens what is left, has it checked, and goes on with it.
    pub fn look(&mut self, image: &MemoryStorage, worlds: &[&World], first: bool) -> Check {
        let seed = self.dice.next();
        let mut recovered = Recorder::open(image, worlds, seed)?;
        verifies(recovered.player.store())?;
        let step = next_step(&mut self.dice, &recovered);
        recovered.take(&step).map_err(|why| format!("going on with {step:?}: {why}"))?;
        verifies(recovered.player.store())?;
        if first && self.dice.one_in(RECOVERIES) {
            let recovery = recovered.close();
            let all = 0..=recovery.events.len();
            return self
                .cut_all(&recovery, all, RECOVERY_CUTS, false)
                .map_err(|why| format!("in the recovery: {why}"));
        }
        Ok(())
    }
}

/// Something to do with a store that was recovered.
fn next_step(dice: &mut Dice, recovered: &Recorder) -> Step {
    let world = &recovered.player.world;
    match crate::shelf::SHELVES.iter().find(|shelf| !world.tables.contains_key(shelf.name)) {
        Some(missing) => Step::Create(missing),
        None => Step::Play(deal_one(dice, world, |_, _| true).expect("anything will do")),
    }
}

/// One number for one content of the disk.
fn fingerprint(image: &MemoryStorage) -> u64 {
    let mut sum = Xxh3::new();
    for path in files(image) {
        let content = image.map(&path).unwrap();
        sum.update(path.as_bytes());
        sum.update(&(content.len() as u64).to_le_bytes());
        sum.update(&content);
    }
    sum.digest()
}
