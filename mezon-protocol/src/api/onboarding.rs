//! Onboarding: what a clan asks newcomers and tells them to do.

use crate::proto::api as wire;

methods! {
    /// The items of a clan, by page from 1.
    ListOnboarding = 24, reads, wire::ListOnboardingRequest => wire::ListOnboardingResponse;
    /// One item.
    GetOnboardingDetail = 149, reads, wire::OnboardingRequest => wire::OnboardingItem;
    /// Adds items.
    CreateOnboarding = 150, writes, wire::CreateOnboardingRequest => wire::ListOnboardingResponse;
    /// Changes an item. All fields are plain: send what shall stay, too.
    UpdateOnboarding = 151, writes, wire::UpdateOnboardingRequest => ();
    /// Deletes an item.
    DeleteOnboarding = 152, writes, wire::OnboardingRequest => ();
    /// How far we have come in a clan.
    ListOnboardingStep = 153, reads, wire::ListOnboardingStepRequest => wire::ListOnboardingStepResponse;
    /// Says how far we have come.
    UpdateOnboardingStep = 154, writes, wire::UpdateOnboardingStepRequest => ();
}
