//! The values of options, with their names on the command line and their help.

use clap::ValueEnum;

use crate::exchange::partition::Partition;
use crate::exchange::tmx::{Inline, Profile};
use crate::model::{Kind, Workflow};
use crate::operations::export::{Consumer, Untranslated};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProfileName {
    /// Any tool
    Generic,
    /// OmegaT
    Omegat,
    /// memoQ
    Memoq,
    /// Trados Studio
    Trados,
    /// Okapi
    Okapi,
    /// XTM
    Xtm,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Generic => Profile::Generic,
            ProfileName::Omegat => Profile::OmegaT,
            ProfileName::Memoq => Profile::MemoQ,
            ProfileName::Trados => Profile::Trados,
            ProfileName::Okapi => Profile::Okapi,
            ProfileName::Xtm => Profile::Xtm,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InlineName {
    /// As text
    Text,
    /// As inline codes of TMX (bpt, ept, it, ph)
    Codes,
    /// Removed
    Strip,
}

impl From<InlineName> for Inline {
    fn from(name: InlineName) -> Self {
        match name {
            InlineName::Text => Inline::Text,
            InlineName::Codes => Inline::Codes,
            InlineName::Strip => Inline::Strip,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(in crate::cli) enum PartitionName {
    /// The locale of the target texts
    TargetLocale,
    /// The locale of the source texts
    SourceLocale,
    /// The document set
    Set,
    /// Who translated
    Workflow,
}

impl From<PartitionName> for Partition {
    fn from(name: PartitionName) -> Self {
        match name {
            PartitionName::TargetLocale => Partition::TargetLocale,
            PartitionName::SourceLocale => Partition::SourceLocale,
            PartitionName::Set => Partition::Set,
            PartitionName::Workflow => Partition::Workflow,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    /// One sentence, heading, list item or cell
    Sentence,
    /// A paragraph of several sentences
    Paragraph,
    /// A pair that `bitext align` found
    Aligned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum UntranslatedName {
    /// Left out if it contains a letter, unless a person translated
    Auto,
    /// Exported like all others
    Keep,
    /// Left out
    Drop,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Sentence => Kind::Sentence,
            KindName::Paragraph => Kind::Paragraph,
            KindName::Aligned => Kind::Aligned,
        }
    }
}

impl From<UntranslatedName> for Untranslated {
    fn from(name: UntranslatedName) -> Self {
        match name {
            UntranslatedName::Auto => Untranslated::Auto,
            UntranslatedName::Keep => Untranslated::Keep,
            UntranslatedName::Drop => Untranslated::Drop,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ConsumerName {
    /// A person with a translation tool
    Translator,
    /// A corpus from which a model is trained
    Training,
}

impl From<ConsumerName> for Consumer {
    fn from(name: ConsumerName) -> Self {
        match name {
            ConsumerName::Translator => Consumer::Translator,
            ConsumerName::Training => Consumer::Training,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum WorkflowName {
    /// A person translated
    Human,
    /// A machine translated
    Machine,
}

impl From<WorkflowName> for Workflow {
    fn from(name: WorkflowName) -> Self {
        match name {
            WorkflowName::Human => Workflow::Human,
            WorkflowName::Machine => Workflow::Machine,
        }
    }
}
