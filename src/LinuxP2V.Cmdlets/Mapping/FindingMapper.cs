using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Engine.Reconfiguration;

namespace LinuxP2V.Cmdlets.Mapping;

internal static class FindingMapper
{
    public static P2VFinding ToObject(Finding finding, string source) =>
        new(source, EnumMapper.Map<P2VFindingSeverity>(finding.Severity), finding.Id, finding.Subject, finding.What, finding.Remedy);

    public static Finding ToFinding(P2VFinding shown) =>
        new(EnumMapper.Map<FindingSeverity>(shown.Severity), shown.Id, shown.Subject, shown.Description, shown.Remedy);

    public static P2VPlannedChange ToObject(PlannedChange change, string source) =>
        new(source, change.Concern, change.Subject, change.What, change.Why);
}
