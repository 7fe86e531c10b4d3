//! Links: of which kind they are, by their address.

/// What a link leads to, by which clients choose how to show it.
#[doc(alias = "EMarkdownType")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkKind {
    /// Anything (`lk`).
    #[default]
    Plain,
    /// A voice room of Mezon (`vk`).
    Voice,
    /// A video on YouTube (`lk_yt`).
    YouTube,
    /// A video on Facebook (`lk_fb`).
    Facebook,
    /// A video on TikTok (`lk_tt`).
    TikTok,
}

impl LinkKind {
    /// The kind that the platform's clients give to an address. Voice rooms cannot be told from others.
    pub fn of(url: &str) -> Self {
        if is_youtube(url) {
            Self::YouTube
        } else if is_facebook(url) {
            Self::Facebook
        } else if is_tiktok(url) {
            Self::TikTok
        } else {
            Self::Plain
        }
    }

    /// The name of the kind as the type of a mark.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Plain => "lk",
            Self::Voice => "vk",
            Self::YouTube => "lk_yt",
            Self::Facebook => "lk_fb",
            Self::TikTok => "lk_tt",
        }
    }

    pub(super) fn from_mark(mark: &str) -> Option<Self> {
        [Self::Plain, Self::Voice, Self::YouTube, Self::Facebook, Self::TikTok]
            .into_iter()
            .find(|kind| kind.mark() == mark)
    }
}

fn is_youtube(url: &str) -> bool {
    let kinds = ["watch?v=", "embed/", "v/", "e/", "shorts/"];
    url.contains("youtu.be/") || any_after(url, "youtube.com/", |rest| kinds.iter().any(|kind| rest.starts_with(kind)))
}

fn is_facebook(url: &str) -> bool {
    any_after(url, "facebook.com/", |rest| {
        let id = rest.strip_prefix("reel/").or_else(|| rest.strip_prefix("watch?v=")).or_else(|| of_user(rest));
        id.is_some_and(|id| id.starts_with(|char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-')))
    })
}

/// What follows `user/videos/`. A title may stand before the id, which makes no difference here.
fn of_user(rest: &str) -> Option<&str> {
    let (user, rest) = rest.split_once('/')?;
    if !is_word(user) {
        return None;
    }
    rest.strip_prefix("videos/")
}

fn is_tiktok(url: &str) -> bool {
    let begins_alphanumeric = |rest: &str| rest.starts_with(|char: char| char.is_ascii_alphanumeric());
    let is_video = |rest: &str| {
        rest.strip_prefix('@').and_then(|rest| rest.split_once('/')).is_some_and(|(user, rest)| {
            let id = rest.strip_prefix("video/");
            !user.is_empty() && id.is_some_and(|id| id.starts_with(|char: char| char.is_ascii_digit()))
        })
    };
    any_after(url, "vm.tiktok.com/", begins_alphanumeric)
        || any_after(url, "tiktok.com/t/", begins_alphanumeric)
        || any_after(url, "tiktok.com/", is_video)
}

fn any_after(url: &str, site: &str, is: impl Fn(&str) -> bool) -> bool {
    url.match_indices(site).any(|(at, _)| is(&url[at + site.len()..]))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_are_known_by_their_address() {
        let table = [
            ("https://www.youtube.com/watch?v=a", LinkKind::YouTube),
            ("https://youtube.com/shorts/a", LinkKind::YouTube),
            ("https://youtu.be/a", LinkKind::YouTube),
            ("https://youtube.com/", LinkKind::Plain),
            ("https://youtube.com/c/a", LinkKind::Plain),
            ("https://facebook.com/reel/7", LinkKind::Facebook),
            ("https://facebook.com/reel/", LinkKind::Plain),
            ("https://facebook.com/watch?v=-7", LinkKind::Facebook),
            ("https://facebook.com/a.b/videos/7", LinkKind::Facebook),
            ("https://facebook.com/a.b/videos/title/7", LinkKind::Facebook),
            ("https://facebook.com/a-b/videos/7", LinkKind::Plain),
            ("https://facebook.com/a/photos/7", LinkKind::Plain),
            ("https://tiktok.com/@a/video/7", LinkKind::TikTok),
            ("https://tiktok.com/@a/video/x", LinkKind::Plain),
            ("https://tiktok.com/@/video/7", LinkKind::Plain),
            ("https://vm.tiktok.com/x", LinkKind::TikTok),
            ("https://tiktok.com/t/x", LinkKind::TikTok),
            ("https://tiktok.com/t/", LinkKind::Plain),
            ("https://example.com", LinkKind::Plain),
        ];
        for (url, kind) in table {
            assert_eq!(LinkKind::of(url), kind, "{url}");
            assert_eq!(LinkKind::from_mark(kind.mark()), Some(kind));
        }
    }
}
