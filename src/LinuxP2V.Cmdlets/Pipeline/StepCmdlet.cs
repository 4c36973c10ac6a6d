using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes conversions to one state and waits until they stand there.</summary>
public abstract class StepCmdlet : DrivingCmdlet
{
    private readonly List<string> ids = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id")]
    [ConversionTransformation]
    [ArgumentCompleter(typeof(ConversionCompleter))]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    protected sealed override Task EndAsync(CancellationToken cancellationToken) => WatchAsync(ids, cancellationToken);

    /// <param name="goalOf">What a conversion is taken to.</param>
    /// <param name="actionOf">What -WhatIf says is done for that goal.</param>
    internal async Task StepAsync(
        Func<Conversion, ConversionGoal> goalOf,
        Func<ConversionGoal, string> actionOf,
        CancellationToken cancellationToken
    )
    {
        var secrets = ReadSecrets();
        foreach (var given in Conversion)
        {
            try
            {
                foreach (var conversion in ConversionFinder.Find(Engine.Conversions, given))
                    await StepAsync(conversion, goalOf(conversion), actionOf, secrets, cancellationToken);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    private async Task StepAsync(
        Conversion conversion,
        ConversionGoal goal,
        Func<ConversionGoal, string> actionOf,
        SourceSecrets? secrets,
        CancellationToken cancellationToken
    )
    {
        // Where it is driven it moves: that is what it is refused for then.
        if (!Engine.Conversions.IsDriven(conversion.Id))
            goal.ThrowIfOutOfReach(conversion);
        if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", actionOf(goal)))
            return;
        await DriveAsync(conversion, secrets, goal, cancellationToken);
        ids.Add(conversion.Id);
    }
}
