//! Steps taken on a recording disk: what the disk did, and what the model says after each.

use std::ops::Range;
use std::sync::Arc;

use restock::{Durability, MemoryStorage};

use super::disk::{Disk, Event};
use super::platter::Platter;
use crate::model::{Check, Dice, Home, Operation, Player, PutBy, World, deal, failed, info_is, snapshot_is};
use crate::shelf::Shelf;

/// What is done to a store.
#[derive(Clone, Debug)]
pub enum Step {
    Create(&'static Shelf),
    Drop(&'static str),
    Play(Operation),
}

/// Deals an operation that one thread does, without an early end, and that is `wanted`.
pub fn deal_one(
    dice: &mut Dice,
    world: &World,
    wanted: impl Fn(&Operation, &World) -> bool,
) -> Option<Operation> {
    let quiet = |operation: &Operation| match operation {
        Operation::Import(step) => step.meanwhile.is_empty() && step.stop.is_none(),
        Operation::Put { .. }
        | Operation::Delete { .. }
        | Operation::Batch { .. }
        | Operation::DeleteUsers { .. }
        | Operation::Undo { .. }
        | Operation::Alter { .. }
        | Operation::Compact { .. }
        | Operation::Vacuum
        | Operation::UndoDepth(_)
        | Operation::Sync
        | Operation::Reopen => true,
        _ => false,
    };
    let mut dealt = (0..500).map(|_| deal(dice, world));
    dealt.find(|operation| quiet(operation) && wanted(operation, world))
}

/// A step that was taken.
#[derive(Debug)]
pub struct Moment {
    pub what: String,
    /// The events of the disk meanwhile.
    pub events: Range<usize>,
    /// What the store is after it.
    pub world: World,
    /// Whether a power cut after it loses neither it nor what came before.
    pub durable: bool,
}

/// Everything that happened from opening a store on.
#[derive(Debug)]
pub struct Run {
    pub start: Platter,
    pub events: Vec<Event>,
    pub moments: Vec<Moment>,
}

/// A store on a recording disk.
pub struct Recorder {
    pub disk: Disk,
    pub player: Player,
    pub start: Platter,
    moments: Vec<Moment>,
}

impl Recorder {
    /// Opens what an image holds: one of the worlds, of which the first that fits is taken.
    pub fn open(image: &MemoryStorage, worlds: &[&World], seed: u64) -> Check<Recorder> {
        let disk = Disk::of(image);
        let start = Platter::of(image, &disk.names());
        let home = Home::on(Arc::new(disk.clone()));
        let store = home.open().map_err(failed("opening"))?;
        let mut why = Vec::new();
        let fits = |world: &&&World| {
            let fits = snapshot_is(&store.snapshot(), world).and_then(|()| info_is(&store, world));
            fits.map_err(|reason| why.push(reason)).is_ok()
        };
        let found = worlds.iter().find(fits).map(|world| (*world).clone());
        let Some(world) = found else {
            return Err(format!("the store is none of {} that it may be:\n{}", worlds.len(), why.join("\n")));
        };
        let opened =
            Moment { what: "open".to_owned(), events: 0..disk.length(), world: world.clone(), durable: true };
        let player = Player::over(home, store, world, seed);
        Ok(Recorder { disk, player, start, moments: vec![opened] })
    }

    /// Takes a step.
    pub fn take(&mut self, step: &Step) -> Check {
        let (from, version) = (self.disk.length(), self.player.store().snapshot().version());
        step.take(&mut self.player)?;
        let changed = self.player.store().snapshot().version() != version;
        self.moments.push(Moment {
            what: format!("{step:?}"),
            events: from..self.disk.length(),
            world: self.player.world.clone(),
            durable: step.is_durable(changed),
        });
        Ok(())
    }

    /// Closes the store.
    pub fn close(self) -> Run {
        let Recorder { disk, player, start, mut moments } = self;
        let (from, world) = (disk.length(), player.world.clone());
        drop(player);
        let events = disk.events();
        moments.push(Moment { what: "close".to_owned(), events: from..events.len(), world, durable: true });
        Run { start, events, moments }
    }
}

impl Step {
    /// Does it, and has everything compared.
    pub fn take(&self, player: &mut Player) -> Check {
        match self {
            Step::Create(shelf) => player.create(shelf),
            Step::Drop(dataset) => {
                player.store().drop_dataset(dataset).map_err(failed("drop"))?;
                player.world.drop_table(dataset);
                snapshot_is(&player.store().snapshot(), &player.world)
            }
            Step::Play(operation) => player.play(operation),
        }
    }

    /// Whether all is on the disk when it returns: what makes no version may write nothing.
    fn is_durable(&self, changed: bool) -> bool {
        match self {
            Step::Play(Operation::Put { durability, by, .. }) => {
                // JSON Lines are always put durably.
                changed && (*durability == Durability::Synced || *by == PutBy::JsonLines)
            }
            Step::Play(Operation::Sync | Operation::Reopen) => true,
            _ => changed,
        }
    }
}

impl Run {
    /// The worlds that a store may hold of which the first `events` events reached the disk, the latest first.
    pub fn worlds(&self, events: usize) -> Vec<&World> {
        let done = |moment: &&Moment| moment.events.end <= events;
        let floor = self.moments.iter().rposition(|m| m.durable && done(&m)).unwrap_or(0);
        let begun = |moment: &&Moment| done(moment) || moment.events.start < events;
        // Opening makes no other world, so its own is also the one before it.
        let (first, later) = self.moments[floor..].split_first().expect("opening is always there");
        let mut worlds = vec![&first.world];
        worlds.extend(later.iter().take_while(begun).map(|moment| &moment.world));
        worlds.reverse();
        worlds
    }

    /// What was being done then.
    pub fn at(&self, events: usize) -> &str {
        let moment = self.moments.iter().find(|moment| events <= moment.events.end);
        moment.map_or("the end", |moment| &moment.what)
    }
}
