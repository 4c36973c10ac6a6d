using System.Management.Automation;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Conversions;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes conversions to one state and waits until they stand there.</summary>
public abstract class StepCmdlet : DrivingCmdlet
{
    private readonly List<string> _ids = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Id")]
    [ConversionTransformation]
    [ArgumentCompleter(typeof(ConversionIdCompleter))]
    [ValidateNotNull]
    public P2VConversion[] Conversion { get; set; } = [];

    private protected abstract ConversionGoal GoalOf(Conversion conversion);

    /// <summary>What -WhatIf says is done.</summary>
    private protected abstract string ActionOf(ConversionGoal goal);

    protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var secrets = ReadSecrets();
        foreach (var given in Conversion)
        {
            try
            {
                var conversion = Engine.Conversions.Get(given.Id);
                var goal = GoalOf(conversion);
                // Where it is driven it moves: that is what it is refused for then.
                if (!Engine.Conversions.IsDriven(conversion.Id))
                    goal.ThrowIfOutOfReach(conversion);
                if (!ShouldProcess($"{conversion.Task.Name} ({conversion.Id})", ActionOf(goal)))
                    continue;
                await DriveAsync(conversion, secrets, goal, cancellationToken);
                _ids.Add(conversion.Id);
            }
            catch (P2VException e)
            {
                WriteFailure(e, given);
            }
        }
    }

    protected sealed override Task EndAsync(CancellationToken cancellationToken) => WatchAsync(_ids, cancellationToken);
}
