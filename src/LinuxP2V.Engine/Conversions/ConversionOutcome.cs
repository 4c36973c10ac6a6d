using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Conversions;

/// <summary>How a conversion ended that no process works on.</summary>
public static class ConversionOutcome
{
    /// <summary>It ended, well or not.</summary>
    public static bool IsOver(ConversionState state) =>
        state is ConversionState.Completed or ConversionState.Failed or ConversionState.Stopped;

    /// <summary>A resume has something to do: it failed, was stopped, or lost its process on the way.</summary>
    /// <param name="isDriven">Whether a living process works on it.</param>
    public static bool CanResume(Conversion conversion, bool isDriven) =>
        conversion.State != ConversionState.Completed && !isDriven && !conversion.IsGoalReached;

    /// <summary>Why a conversion that nobody drives is not where it was asked to go; null when it is.</summary>
    public static P2VException? FailureOf(Conversion conversion)
    {
        if (conversion.State == ConversionState.Completed || conversion.IsGoalReached)
            return null;

        var name = $"The conversion {conversion.Id} ({conversion.Task.Name})";
        var resume = $"Go on with it: Get-P2VConversion -Id {conversion.Id} | Resume-P2VConversion.";
        return conversion.State switch
        {
            ConversionState.Failed when conversion.Error is { } error => new P2VException(error),
            ConversionState.Failed => new P2VException(
                ErrorIds.AgentFailed,
                $"{name} failed and did not say why.",
                $"Read its log: Export-P2VLog. {resume}"
            ),
            ConversionState.Stopped => new P2VException(ErrorIds.OperationCancelled, $"{name} was stopped.", resume),
            _ => new P2VException(ErrorIds.ConversionWrongState, $"{name} is at {conversion.State} and no process works on it.", resume),
        };
    }
}
