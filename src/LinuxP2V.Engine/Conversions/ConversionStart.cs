using System.Diagnostics;

namespace LinuxP2V.Engine.Conversions;

/// <summary>A conversion as the next run of it finds it.</summary>
internal static class ConversionStart
{
    /// <summary>A run that failed is tried anew; one whose driver died is gone on with. No goal: the one before.</summary>
    public static Conversion Begin(ConversionStore store, Conversion conversion, ConversionGoal? goal)
    {
        using var self = Process.GetCurrentProcess();
        var begun = conversion with
        {
            Goal = goal is null ? conversion.Goal ?? new ConversionGoal() : goal with { Number = (conversion.Goal?.Number ?? 0) + 1 },
            IsGoalReached = false,
            Error = null,
            DriverProcessId = self.Id,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        if (goal?.VerifyPercent is not null)
        {
            // Who follows the new comparison must not meet the one before.
            store.Differences(conversion.Id).Delete();
            begun = begun with { Verification = null };
        }

        begun = begun.Goal.Sync == SyncChoice.Always ? begun with { ExpectedFinish = CutoverEstimate.ExpectFinish(begun, List) } : begun;
        return conversion.State is ConversionState.Failed or ConversionState.Stopped
            ? begun with
            {
                State = ConversionState.Queued,
                Attempt = conversion.Attempt + 1,
            }
            : begun;

        IReadOnlyList<Conversion> List() => store.List();
    }
}
