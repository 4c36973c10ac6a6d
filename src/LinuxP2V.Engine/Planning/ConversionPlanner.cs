using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Engine.Sources.Model;
using LinuxP2V.Engine.Tasks;

namespace LinuxP2V.Engine.Planning;

/// <summary>
/// Works out the VM and its disks from what the source is and what the admin asks for. Touches nothing and asks nobody:
/// the same input gives the same plan.
/// </summary>
public static class ConversionPlanner
{
    /// <exception cref="P2VException">
    /// The first error of <see cref="Check"/>, under the same id and with the numbers; its text names the others.
    /// </exception>
    public static ConversionTask Plan(SourceEndpoint source, SourceFacts facts, TaskSettings settings, DestinationReference destination)
    {
        var draft = PlanDraft.Make(new PlanInput(facts, settings, destination));
        draft.Findings.ThrowIfRefused();
        return new ConversionTask
        {
            Source = source,
            Facts = facts,
            Destination = destination,
            Settings = settings,
            Plan = draft.ToPlan(),
        };
    }

    /// <summary>
    /// What a plan would meet: all errors that stand in its way, and what the copy will have in another way than the
    /// source.
    /// </summary>
    /// <param name="destination">Null: a VM on vSphere.</param>
    public static IReadOnlyList<Finding> Check(SourceFacts facts, TaskSettings settings, DestinationReference? destination) =>
        PlanDraft.Make(new PlanInput(facts, settings, destination)).Findings.All;
}
