using LinuxP2V.Cmdlets.EngineAccess;

namespace LinuxP2V.Cmdlets.Mapping;

internal static class FindingMapper
{
    public static P2VFinding ToObject(Finding finding, string source) =>
        new(source, EnumMapper.Map<P2VFindingSeverity>(finding.Severity), finding.Id, finding.Subject, finding.What, finding.Remedy);
}
