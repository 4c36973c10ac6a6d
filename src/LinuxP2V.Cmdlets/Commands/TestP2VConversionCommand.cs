using System.Globalization;
using System.Management.Automation;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Cmdlets.Watching;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Differences come while the comparison runs; the conversion keeps the sum, hence none is emitted here.</summary>
[Cmdlet(VerbsDiagnostic.Test, "P2VConversion", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(P2VDifference))]
public sealed class TestP2VConversionCommand : StepCmdlet
{
    private DifferenceWriter? reader;

    [Parameter]
    [ValidateRange(0.001, 100.0)]
    public double SamplePercent { get; set; } = 100;

    protected override Task ProcessAsync(CancellationToken cancellationToken) => StepAsync(GoalOf, ActionOf, cancellationToken);

    private ConversionGoal GoalOf(Conversion conversion) => new() { Through = ConversionState.Synchronized, VerifyPercent = SamplePercent };

    private string ActionOf(ConversionGoal goal) =>
        SamplePercent >= 100
            ? "Compare the copy with the source"
            : string.Format(CultureInfo.InvariantCulture, "Compare the copy with the source, {0} % of the files' contents", SamplePercent);

    private protected override ConversionWatcher CreateWatcher(CancellationToken cancellationToken)
    {
        reader = new DifferenceWriter(Session, WriteObject);
        return new ConversionWatcher(new WatcherOutput(this), Session) { Follow = reader.Read, Show = Conclude };
    }

    private void Conclude(P2VConversion conversion)
    {
        if (conversion is not { State: P2VConversionState.Synchronized, Verification: { IsComplete: true } sum })
            return;
        foreach (var sentence in sum.NotCompared)
            WriteWarning($"{conversion.Name}: not compared: {sentence}");
        var compared = string.Format(
            CultureInfo.InvariantCulture,
            "{0} entries compared, {1} files with their contents ({2})",
            sum.Entries,
            sum.Files,
            ByteSize.FormatProgress(sum.Bytes)
        );
        var changed =
            sum.ChangedOnSource == 0
                ? ""
                : string.Format(
                    CultureInfo.InvariantCulture,
                    " {0} changed on the source since the last pass; the next one brings that over.",
                    sum.ChangedOnSource
                );
        if (sum.Wrong > 0)
        {
            WriteWarning(
                string.Format(
                    CultureInfo.InvariantCulture,
                    "{0}: THE COPY IS WRONG in {1} places that no change on the source explains; {2}.{3}{4}",
                    conversion.Name,
                    sum.Wrong,
                    compared,
                    changed,
                    sum.Wrong + sum.ChangedOnSource > reader!.CountOf(conversion.Id)
                        ? " Of each volume only the first differences are listed."
                        : ""
                )
            );
        }
        else
        {
            WriteSummary($"{conversion.Name}: the copy is right; {compared}.{changed}");
        }
    }

    /// <summary>For the eye, like Write-Host: a comparison that finds nothing would end without a word.</summary>
    private void WriteSummary(string text) => WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
}
