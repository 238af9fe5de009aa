package demo

import (
	"maps"
	"slices"
	"time"

	"comity"
)

// ReportStep is a report to the parent network that somebody wrote, and froze or not.
type ReportStep struct {
	At     time.Time
	Report comity.GroupReport
	Freeze bool
	By     comity.Person
}

// briefTexts are the texts of the brief, by part and language.
var briefTexts = map[comity.ReportPart]map[string]string{
	comity.PartText: {
		"ar": "ركّز الفريق في هذه الفترة على الأجهزة الطرفية وعلى المورّدين المشتركين. وطبّق معظم الأعضاء النداء الخاص بالأجهزة الطرفية في غضون 72 ساعة.\nويبدأ تقييم مشترك لمورّد يعتمد عليه معظم الأعضاء.",
		"en": "In this period the group worked on edge devices and on shared suppliers. Most members applied the call for action on edge devices within 72 hours.\nA joint assessment of a supplier on which most members depend is beginning.",
		"es": "En este período el grupo trabajó sobre los dispositivos perimetrales y los proveedores compartidos. La mayoría de los miembros aplicó el llamamiento sobre dispositivos perimetrales en 72 horas.\nComienza una evaluación conjunta de un proveedor del que depende la mayoría de los miembros.",
		"fr": "Pendant cette période, le groupe a travaillé sur les équipements périphériques et sur les fournisseurs communs. La plupart des membres ont appliqué l’appel à l’action sur les équipements périphériques en 72 heures.\nUne évaluation commune d’un fournisseur dont dépendent la plupart des membres commence.",
		"ru": "В этот период группа занималась периферийными устройствами и общими поставщиками. Большинство членов выполнили призыв к действиям по периферийным устройствам в течение 72 часов.\nНачинается совместная оценка поставщика, от которого зависит большинство членов.",
		"zh": "本期间，小组的工作重点是边缘设备和共用供应商。大多数成员在72小时内落实了关于边缘设备的行动呼吁。\n对大多数成员所依赖的一家供应商的联合评估即将开始。",
	},
	comity.PartRequests: {
		"ar": "الإحاطة علما بالتنقيح 2 للحد الأدنى من الضوابط.\nدعم تمويل مشترك للتقييمات المشتركة للمورّدين في الميزانية المقبلة.",
		"en": "Take note of revision 2 of the minimum baseline.\nSupport shared funding of joint supplier assessments in the next budget.",
		"es": "Tomar nota de la revisión 2 de la base mínima.\nApoyar la financiación compartida de evaluaciones conjuntas de proveedores en el próximo presupuesto.",
		"fr": "Prendre note de la révision 2 du socle minimal.\nAppuyer le financement commun d’évaluations conjointes de fournisseurs dans le prochain budget.",
		"ru": "Принять к сведению вторую редакцию минимального базового уровня.\nПоддержать совместное финансирование оценок поставщиков в следующем бюджете.",
		"zh": "注意到最低基线第2次修订。\n在下一预算中支持为供应商联合评估共同供资。",
	},
	comity.PartProjects: {
		"ar": "التدريب المشترك على التوعية: المواد متاحة بست لغات.",
		"en": "Joint awareness training: the material is there in six languages.",
		"es": "Formación conjunta de concienciación: el material está disponible en seis idiomas.",
		"fr": "Formation commune de sensibilisation : le matériel existe en six langues.",
		"ru": "Совместное обучение: материалы имеются на шести языках.",
		"zh": "联合意识培训：材料已有六种语言版本。",
	},
}

// reports returns a brief that was sent, and the annual report that is being written.
func (t *teller) reports() []ReportStep {
	by := t.person("X-SEC", "Secretariat of the group, X-SEC", "secretariat", comity.RoleSecretariat)
	brief := comity.GroupReport{
		ID: comity.MakeReportID(t.entropy("report", "brief")), Kind: comity.ReportBrief, TLP: comity.TLPClear, From: t.day.AddDays(-100), Until: t.day.AddDays(-10),
		Languages: slices.Sorted(maps.Keys(briefTexts[comity.PartText])), Disclosed: true, Sections: comity.DefaultTemplate(comity.ReportBrief).Sections,
	}
	for i := range brief.Sections {
		brief.Sections[i].Texts = briefTexts[brief.Sections[i].Part]
	}
	annual := comity.GroupReport{
		ID: comity.MakeReportID(t.entropy("report", "annual")), Kind: comity.ReportAnnual, TLP: comity.TLPGreen, From: t.day.AddDays(-365), Until: t.day,
		Languages: []string{"en", "fr"}, Sections: comity.DefaultTemplate(comity.ReportAnnual).Sections,
	}
	annual.Sections[0].Texts = map[string]string{"en": "To be written after the session."}
	return []ReportStep{
		{At: t.at(-9), Report: brief, Freeze: true, By: by},
		{At: t.at(-1), Report: annual, By: by},
	}
}
