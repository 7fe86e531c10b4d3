//! The kinds of messages.

use super::numbered::numbered;

numbered! {
    /// The kind of a message, the platform's `code`.
    ///
    /// ```
    /// use mezon_protocol::content::MessageCode;
    ///
    /// assert_eq!(MessageCode::from(8), MessageCode::Buzz);
    /// assert_eq!(i32::from(MessageCode::Other(77)), 77);
    /// ```
    #[doc(alias = "TypeMessage")]
    MessageCode {
        /// 0: an ordinary message.
        #[default]
        Chat = 0,
        /// 1: an edit of a message, under its id.
        ChatUpdate = 1,
        /// 2: the removal of a message, under its id.
        ChatRemove = 2,
        /// 3: somebody types.
        Typing = 3,
        /// 4: an indicator.
        Indicator = 4,
        /// 5: somebody is welcomed. Written by the platform.
        Welcome = 5,
        /// 6: a thread was created. Written by the platform.
        CreateThread = 6,
        /// 7: a message was pinned. Written by the platform.
        CreatePin = 7,
        /// 8: a buzz, which rings at its readers.
        #[doc(alias = "MessageBuzz")]
        Buzz = 8,
        /// 9: a topic.
        Topic = 9,
        /// 10: an entry of the audit log. Written by the platform.
        AuditLog = 10,
        /// 11: tokens were sent.
        SendToken = 11,
        /// 12: a message that only its receivers see.
        Ephemeral = 12,
        /// 13: an event of the clan is near. Written by the platform.
        UpcomingEvent = 13,
        /// 14: an edit of an ephemeral message.
        UpdateEphemeral = 14,
        /// 15: the removal of an ephemeral message.
        DeleteEphemeral = 15,
        /// 16: somebody's contact.
        Contact = 16,
        /// 17: a place on a map.
        Location = 17,
        /// 18: a poll.
        Poll = 18,
        /// 19: a thread was deleted. Written by the platform.
        DeleteThread = 19,
    }
}

impl MessageCode {
    /// True for what the platform writes into a channel by itself.
    pub const fn is_system(self) -> bool {
        matches!(
            self,
            Self::Welcome
                | Self::CreateThread
                | Self::CreatePin
                | Self::AuditLog
                | Self::UpcomingEvent
                | Self::DeleteThread
        )
    }

    /// False for what changes or accompanies other messages, and is none of its own.
    pub const fn is_new_message(self) -> bool {
        !matches!(
            self,
            Self::ChatUpdate
                | Self::ChatRemove
                | Self::Typing
                | Self::Indicator
                | Self::UpdateEphemeral
                | Self::DeleteEphemeral
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_as_it_was() {
        for number in -2..100 {
            assert_eq!(i32::from(MessageCode::from(number)), number);
        }
        assert_eq!((MessageCode::from(19), MessageCode::from(20)), (MessageCode::DeleteThread, MessageCode::Other(20)));
        assert_eq!((i32::from(MessageCode::Buzz), i32::from(MessageCode::Poll)), (8, 18));
    }

    #[test]
    fn the_rows_of_the_platform_and_the_changes_are_told_from_messages() {
        let numbers = |is: fn(MessageCode) -> bool| (0..25).filter(|number| is((*number).into())).collect::<Vec<_>>();
        assert_eq!(numbers(MessageCode::is_system), [5, 6, 7, 10, 13, 19]);
        assert_eq!(numbers(|code| !code.is_new_message()), [1, 2, 3, 4, 14, 15]);
    }
}
