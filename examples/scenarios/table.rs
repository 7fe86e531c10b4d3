//! What a bot must not forget: a map that is also in a file, to which each change is added as a line of JSON.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::hash::Hash;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub struct Table<K, V>(Mutex<(HashMap<K, V>, File)>);

impl<K, V> Table<K, V>
where
    K: Clone + Eq + Hash + Serialize + DeserializeOwned,
    V: Clone + Serialize + DeserializeOwned,
{
    /// Opens the file, or makes it and its folder. The last line may be half written, and is then passed over.
    pub fn open(path: &Path) -> io::Result<Self> {
        path.parent().map(fs::create_dir_all).transpose()?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut rows = HashMap::new();
        for line in BufReader::new(&file).lines() {
            match serde_json::from_str(&line?) {
                Ok((key, Some(value))) => drop(rows.insert(key, value)),
                Ok((key, None::<V>)) => drop(rows.remove(&key)),
                Err(_) => {}
            }
        }
        // whatever was half written ends here
        file.write_all(b"\n")?;
        Ok(Self(Mutex::new((rows, file))))
    }

    pub fn get(&self, key: &K) -> Option<V> {
        self.lock().0.get(key).cloned()
    }

    /// When this returns the system has it.
    pub fn put(&self, key: K, value: V) -> io::Result<()> {
        let (rows, file) = &mut *self.lock();
        write(file, &key, Some(&value))?;
        rows.insert(key, value);
        Ok(())
    }

    /// Changes what is there, and gives it as it is then.
    pub fn change(&self, key: &K, change: impl FnOnce(&mut V)) -> io::Result<Option<V>> {
        let (rows, file) = &mut *self.lock();
        let Some(mut value) = rows.get(key).cloned() else { return Ok(None) };
        change(&mut value);
        write(file, key, Some(&value))?;
        rows.insert(key.clone(), value.clone());
        Ok(Some(value))
    }

    /// Takes it out. Of several who want it one gets it.
    pub fn take(&self, key: &K) -> io::Result<Option<V>> {
        let (rows, file) = &mut *self.lock();
        if rows.contains_key(key) {
            write(file, key, None::<&V>)?;
        }
        Ok(rows.remove(key))
    }

    /// Takes out what is so.
    pub fn take_where(&self, holds: impl Fn(&V) -> bool) -> io::Result<Vec<(K, V)>> {
        let (rows, file) = &mut *self.lock();
        let keys: Vec<K> = rows.iter().filter(|(_, value)| holds(value)).map(|(key, _)| key.clone()).collect();
        for key in &keys {
            write(file, key, None::<&V>)?;
        }
        Ok(keys.into_iter().filter_map(|key| rows.remove_entry(&key)).collect())
    }

    fn lock(&self) -> MutexGuard<'_, (HashMap<K, V>, File)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(file: &mut File, key: &impl Serialize, value: Option<&impl Serialize>) -> io::Result<()> {
    let mut line = serde_json::to_string(&(key, value))?;
    line.push('\n');
    file.write_all(line.as_bytes())
}
