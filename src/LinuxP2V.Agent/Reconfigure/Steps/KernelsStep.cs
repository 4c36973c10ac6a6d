using LinuxP2V.Agent.Events;
using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>Finds the kernels; the one that ran on the source must be among them. Changes nothing.</summary>
internal sealed class KernelsStep : IReconfigureStep
{
    public string Concern => "Kernels";

    public bool Detect(ReconfigureContext context) => true;

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        context.Kernels = KernelFinder.Find(context.Files);
        if (context.Kernels.All(kernel => kernel.Version != context.Options.RunningKernel))
        {
            var found =
                context.Kernels.Count == 0 ? "no kernel at all" : string.Join(", ", context.Kernels.Select(kernel => kernel.Version));
            throw new AgentException(
                ErrorIds.ReconfigurationFailed,
                $"The copy lacks kernel {context.Options.RunningKernel}, which ran on the source; it has {found}.",
                "A kernel update may have removed it since the source was started: restart the source, discover it again and start a new conversion. Check also that /boot is part of the task."
            );
        }

        context.Note($"Kernels: {string.Join(", ", context.Kernels.Select(kernel => kernel.Version))}.");
        return Task.FromResult<IReadOnlyList<PlannedChange>>([]);
    }
}
